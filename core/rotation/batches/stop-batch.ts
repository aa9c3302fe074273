import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { recordWith } from '#core/rotation/batches/record-with.ts';
import { inTransaction } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ batchId: z.uuid(), reason });

/** Lets nothing more of a batch start. What is being rotated goes on to its end. */
export const stopBatch = useCase(
  { name: 'stop-batch', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor }, { batchId, reason: why }) =>
    inTransaction(async (client) => {
      const { rows } = await client.query<{ state: string; waiting: number }>(
        `select state, (select count(*)::int from batch_members m where m.batch_id = b.id and m.state = 'waiting') as waiting
           from batches b where id = $1 for update`,
        [batchId],
      );
      const [batch] = rows;
      if (batch === undefined) {
        throw notFound('batch');
      }
      if (batch.state !== 'running' || batch.waiting === 0) {
        throw new Problem(
          409,
          'not_now',
          batch.state === 'stopped'
            ? 'The batch is stopped already. Nothing was changed.'
            : 'Everything in the batch has been started, so there is nothing to stop. Hold or cancel single rotations instead; nothing was changed.',
        );
      }
      await client.query(`update batches set state = 'stopped', stop_why = $2 where id = $1`, [
        batchId,
        `${actor.name} stopped it: ${why}`,
      ]);
      await recordWith(client, {
        action: 'batch.stopped',
        actor: auditActor(actor),
        id: batchId,
        waiting: batch.waiting,
        reason: why,
      });
    }),
);
