import type { Actor } from '#core/access/actor.ts';
import type { Database } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/**
 * People who can never be asked would hold every rotation for good. Whoever saves the policy is not counted: nobody approves what
 * they asked for themselves, and who looks after the policy is the one who rotates by hand. Throws a `Problem` where others than that are too few.
 */
export async function requireApprovers({ prisma }: Database, approvals: number, actor: Actor): Promise<void> {
  const approvers = { role: { in: ['approver', 'admin'] }, disabledAt: null };
  const there = await prisma.user.count({
    where: actor.kind === 'user' ? { ...approvers, id: { not: actor.id } } : approvers,
  });
  if (there < approvals) {
    const beside = actor.kind === 'user' ? ' beside you' : '';
    const wanted = approvals === 1 ? 'one approval' : `${approvals} approvals`;
    const people = there === 0 ? 'is nobody' : there === 1 ? 'is one person' : `are ${there} people`;
    const sentence = `The policy wants ${wanted} of others than who asks, and there ${people}${beside} who may approve. Add approvers first. Nothing was saved.`;
    throw new Problem(422, 'too_few_approvers', sentence);
  }
}
