import type { Role } from '#core/access/actor.ts';
import { requireLimitable } from '#core/access/scope.ts';
import { withdrawApprovals } from '#core/access/withdraw-approvals.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Db } from '#lib/db.ts';

/**
 * Gives a user another role, whoever says so: an admin here, or their groups at a single sign-on. It counts at the next request of
 * every session they have. What they approved and may approve no longer is taken back. Throws a `Problem` where somebody limited would
 * become an admin.
 */
export async function giveRole(tx: Db, userId: string, role: Role, actor: AuditActor): Promise<void> {
  // Limits that are being given at this moment are stored first.
  await tx.$queryRaw`select 1 from users where id = ${userId}::uuid for no key update`;
  const user = await tx.user.findUniqueOrThrow({ where: { id: userId } });
  if (user.role === role) {
    return;
  }
  requireLimitable(role, user, 'Take the limits away');
  await tx.user.update({ where: { id: userId }, data: { role } });
  if (role !== 'approver' && role !== 'admin') {
    await withdrawApprovals(tx, userId, actor);
  }
  await record(tx, { action: 'role.changed', actor, email: user.email, from: user.role, to: role });
}
