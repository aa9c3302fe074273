import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { targetConnector } from '#connectors/registry.ts';
import { drawForm } from '#core/outside/draw-form.ts';
import { type Level, levels, whyNotProvable } from '#core/outside/levels.ts';
import type { openTarget } from '#core/outside/open-connector.ts';
import { isWrittenTogether } from '#core/outside/same-place.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const nothing = 'Nothing was saved.';
const levelInput = z.enum(levels);
const stored = z.record(z.string(), z.string());
const placeOf = ({ place }: { place: unknown }) => z.record(z.string(), z.unknown()).parse(place);

interface Wanted {
  readonly credentialId: string;
  readonly targetId: string;
  readonly targetName: string;
  /** The kind of the target. */
  readonly kind: string;
  readonly place: Readonly<Record<string, unknown>>;
  /** Field of the credential → key at the target. */
  readonly fields: Readonly<Record<string, string>>;
  readonly readsNext: boolean;
}

/** Where a binding's values lie: its keys and, where the application uses NEXT, the keys beside them, each with its field. */
function keysOf({ fields, readsNext }: Pick<Wanted, 'fields' | 'readsNext'>): ReadonlyMap<string, string> {
  const keys = Object.entries(fields).map(([field, key]) => [key, field] as const);
  const next = keys.map(([key, field]) => [`${key}_NEXT`, field] as const);
  return new Map(readsNext ? [...keys, ...next] : keys);
}

/**
 * Two bindings that write to one key of a place would take turns in overwriting each other, also where the places are treated
 * differently. Those of one credential that are, for example because two workloads of a Secret are restarted, write the same value.
 */
export async function requireFreeKeys(tx: Db, wanted: Wanted): Promise<void> {
  const { credentialId, targetId, targetName, kind, place } = wanted;
  const form = drawForm(targetConnector(kind).place);
  const others = await tx.binding.findMany({
    where: { targetId, archivedAt: null },
    include: { credential: { select: { name: true } } },
  });
  const mine = keysOf(wanted);
  for (const other of others.filter((one) => isWrittenTogether(form, placeOf(one), place))) {
    const theirs = keysOf({ fields: stored.parse(other.fields), readsNext: other.readsNext });
    const isShared = other.credentialId === credentialId && !isDeepStrictEqual(other.place, place);
    const key = [...mine.keys()].find(
      (one) => theirs.has(one) && !(isShared && theirs.get(one) === mine.get(one)),
    );
    if (key === undefined) {
      continue;
    }
    const sentence = `${key} at this place of ${targetName} is already written by a binding of ${other.credential.name}.`;
    throw new Problem(
      409,
      'key_taken',
      `${sentence} ${nothing} Bind to another key.`,
      {},
      { [`fields.${mine.get(key)}`]: sentence },
    );
  }
}

/** Only required deliveries are waited for, so the others would never come after a canary that is not. */
function requireCanaryRequired({ required, canary }: { required: boolean; canary: boolean }): void {
  if (canary && !required) {
    const sentence =
      'Nobody waits for a best-effort delivery, so it cannot be the canary that the others wait for.';
    throw new Problem(
      422,
      'canary_not_required',
      `${sentence} ${nothing} Make it required, or take the canary away.`,
      {},
      { canary: sentence },
    );
  }
}

/** What a target keeps hidden can be accepted there, and never read back. */
export function requireShown(
  isShown: boolean,
  { name, can }: Pick<ReturnType<typeof openTarget>, 'name' | 'can'>,
): void {
  if (!isShown && can.redeploy !== 'call' && can.readBack !== 'fetched') {
    const sentence = `${name} took the delivery and cannot tell whether it holds it: a value there is hidden.`;
    throw new Problem(422, 'level_not_provable', `${sentence} ${nothing}`, {}, { needs: sentence });
  }
}

/** A level that no delivery can be shown to reach would hold every rotation. */
function requireProvable(
  needs: Level,
  target: Parameters<typeof whyNotProvable>[1],
  consumerUrl: string | null | undefined,
): void {
  const why = whyNotProvable(needs, target, consumerUrl);
  if (why !== null) {
    throw new Problem(422, 'level_not_provable', `${why} ${nothing}`, {}, { needs: why });
  }
}

/** The policy of a credential wants more of required deliveries than some targets can show. */
function requireProvableUnder(
  policy: { name: string; needs: Level },
  target: Parameters<typeof whyNotProvable>[1],
  consumerUrl: string | null | undefined,
): void {
  const why = whyNotProvable(policy.needs, target, consumerUrl);
  if (why !== null) {
    throw new Problem(
      422,
      'level_not_provable',
      `${why} The policy ${policy.name} wants it of every required delivery. ${nothing} Bind it as best effort, or give the credential another policy.`,
      {},
      { needs: why },
    );
  }
}

/** What can be chosen of a binding. */
export interface Settings {
  readonly required: boolean;
  readonly canary: boolean;
  readonly needs: Level;
  readonly consumerUrl?: string | null | undefined;
}

/** Throws a `Problem` that names the field where a rotation could never be done with these settings, or not under this policy. */
export function requireSettings(
  settings: Settings,
  target: Parameters<typeof whyNotProvable>[1],
  policy: { readonly name: string; readonly needs: string | null } | null | undefined,
): void {
  const { required, needs, consumerUrl } = settings;
  requireCanaryRequired(settings);
  requireProvable(needs, target, consumerUrl);
  if (required && policy?.needs != null) {
    requireProvableUnder({ name: policy.name, needs: levelInput.parse(policy.needs) }, target, consumerUrl);
  }
}
