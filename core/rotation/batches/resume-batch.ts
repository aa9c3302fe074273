import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { STANDING } from '#core/rotation/batches/batch-rules.ts';
import { recordWith } from '#core/rotation/batches/record-with.ts';
import { inTransaction } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ batchId: z.uuid() });

// What has failed is known now, and does not stop the batch again unless it goes on and fails anew.
const EXCUSE = `
  update batch_members e set excused = true
   where e.batch_id = $1 and exists (
     select 1 from batch_members m left join rotations r on r.id = m.rotation_id
      where m.batch_id = e.batch_id and m.position = e.position and ${STANDING} = 'failed')`;

/** Lets a stopped batch go on with what waits, whether or not what failed is repaired: that stays as it is. */
export const resumeBatch = useCase(
  { name: 'resume-batch', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor }, { batchId }) =>
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
      if (batch.state !== 'stopped') {
        throw new Problem(409, 'not_now', 'The batch is not stopped. Nothing was changed.');
      }
      await client.query(EXCUSE, [batchId]);
      await client.query(`update batches set state = 'running', stop_why = null where id = $1`, [batchId]);
      const { waiting } = batch;
      await recordWith(client, { action: 'batch.resumed', actor: auditActor(actor), id: batchId, waiting });
    }),
);
