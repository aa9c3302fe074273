import { z } from 'zod';

interface Row {
  id: string;
  credentialId: string;
  targetId: string;
  credential: { name: string };
  target: { name: string; kind: string };
  place: unknown;
  fields: unknown;
  required: boolean;
  canary: boolean;
  needs: string;
  readsNext: boolean;
  consumerUrl: string | null;
  createdAt: Date;
}

/** A binding as it is told: its place as far as that is no secret, and which field goes to which key. */
export function viewBinding({ credential, target, createdAt, ...row }: Row) {
  return {
    id: row.id,
    credentialId: row.credentialId,
    credential: credential.name,
    targetId: row.targetId,
    target: target.name,
    kind: target.kind,
    place: z.record(z.string(), z.unknown()).parse(row.place),
    fields: z.record(z.string(), z.string()).parse(row.fields),
    required: row.required,
    canary: row.canary,
    needs: row.needs,
    readsNext: row.readsNext,
    consumerUrl: row.consumerUrl,
    createdAt: createdAt.toISOString(),
  };
}
