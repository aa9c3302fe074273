import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { requester } from '#core/rotation/requester.ts';
import { reviewRefusal } from '#core/rotation/review-refusal.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  rotationId: z.uuid(),
  conclusion: z.string().trim().min(1, 'Say what came of it; the audit keeps it.').max(2000),
});

/**
 * Closes the review that follows a broken glass, with a written conclusion. Not whoever asked for it, unless there is still
 * nobody else who could.
 */
export const closeReview = useCase(
  { name: 'close-review', may: ['approver', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { rotationId, conclusion }) => {
    await db.prisma.$transaction(async (tx) => {
      const [row] = await tx.$queryRaw<
        {
          id: string;
          requested_by: unknown;
          credential_id: string;
          name: string;
          conclusion: string | null;
        }[]
      >`
        select g.id, g.requested_by, g.credential_id, c.name, g.conclusion
          from glass_breaks g join credentials c on c.id = g.credential_id
         where g.rotation_id = ${rotationId}::uuid and g.state = 'broken' for update of g`;
      const refusal =
        row === undefined || row.conclusion !== null
          ? 'There is no open review of this rotation.'
          : await reviewRefusal(tx, row.credential_id, requester.parse(row.requested_by), actor);
      if (row === undefined || refusal !== null) {
        throw new Problem(409, 'not_now', `${refusal} Nothing was changed.`);
      }
      await tx.$executeRaw`
        update glass_breaks set conclusion = ${conclusion}, reviewed_by = ${actor.name}, reviewed_at = rekey_now()
         where id = ${row.id}::uuid`;
      await record(tx, {
        action: 'review.closed',
        actor: auditActor(actor),
        rotationId,
        credentialId: row.credential_id,
        credential: row.name,
        conclusion,
      });
    });
  },
);
