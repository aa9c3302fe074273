export const roles = ['viewer', 'auditor', 'operator', 'approver', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Who asks, with everything that decides what they may do. */
export type Actor =
  | {
      kind: 'user';
      id: string;
      name: string;
      role: Role;
      stepUpAt: Date;
      address?: string;
      requestId?: string;
    }
  | { kind: 'system'; id: null; name: string; requestId?: string };

/** What acts for schedules, for seeding and on the command line of the server itself. */
export const system = (name: string): Actor => ({ kind: 'system', id: null, name });

/** The part of an actor that audit events carry. */
export function auditActor(actor: Actor): { kind: 'user' | 'system'; id: string | null; name: string } {
  return { kind: actor.kind, id: actor.id, name: actor.name };
}
