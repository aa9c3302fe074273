import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { beginRestoration } from '#core/backup/restoration.ts';
import { inTransaction } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Says of this database that it was restored or copied, where Rekey cannot see that by itself. Nothing runs from then on, before it
 * was compared with issuers and targets, and everybody signs in again.
 */
export const markRestored = useCase(
  { name: 'mark-restored', may: [], stepUp: false, scope: 'everything', input: z.object({ reason }) },
  async ({ actor }, { reason: why }) =>
    inTransaction(async (client) => {
      const detail = `It was said by hand that this database was restored or copied: ${why}`;
      if (!(await beginRestoration(client, { how: 'hand', detail, actor: auditActor(actor) }))) {
        throw new Problem(
          409,
          'already_restored',
          'Nothing runs on this database already. Nothing was changed.',
        );
      }
    }),
);
