import type { Actor } from '#core/access/actor.ts';
import { Problem } from '#lib/problem.ts';

/**
 * A policy's approvals bind those who rotate: only an admin takes a credential from under them. Throws a `Problem` where
 * somebody else would leave it with fewer.
 */
export function requireApprovalsKept(
  actor: Actor,
  now: { name: string; approvals: number; archivedAt: Date | null } | null,
  then: number,
): void {
  const needed = now === null || now.archivedAt !== null ? 0 : now.approvals;
  if (now === null || then >= needed || actor.kind === 'system' || actor.role === 'admin') {
    return;
  }
  const wanted = needed === 1 ? 'one approval' : `${needed} approvals`;
  throw new Problem(
    403,
    'approvals_kept',
    `The policy ${now.name} wants ${wanted} for each rotation, and this would leave the credential with fewer. Ask an admin to change its policy. Nothing was changed.`,
  );
}
