import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import type { InclusionProof } from '#core/audit/inclusion.ts';
import { pathOf } from '#core/audit/merkle.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';
import { Problem } from '#lib/problem.ts';

interface Row extends CheckpointRow {
  body: string;
  seq: string;
  public_key: string;
}

/** What shows, without this database, that one event was sealed. `faultOfProof` checks it. */
export const readInclusionProof = read(
  {
    name: 'read-inclusion-proof',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ eventId: z.string().regex(/^\d{1,18}$/) }),
  },
  async ({ db }, { eventId }): Promise<InclusionProof> => {
    const { rows } = await db.pool.query<Row>(
      `select ${CHECKPOINT_COLUMNS}, e.body, l.seq, encode(k.public_key, 'hex') as public_key
         from audit_events e join audit_leaves l on l.event_id = e.id
         join lateral (select * from audit_batches where last_seq >= l.seq order by last_seq limit 1) b on true
         join audit_keys k on k.id = b.key_id
        where e.id = $1`,
      [eventId],
    );
    const row = rows[0];
    if (row === undefined) {
      const message = `There is no sealed event ${eventId}. A new event is sealed within a second; ask again.`;
      throw new Problem(404, 'not_sealed', message);
    }
    const checkpoint = checkpointOf(row);
    const leaves = await db.pool.query<{ leaf: Buffer }>(
      'select leaf from audit_leaves where seq between $1 and $2 order by seq',
      [checkpoint.firstSeq, checkpoint.lastSeq],
    );
    const seq = Number(row.seq);
    const path = pathOf(
      leaves.rows.map(({ leaf }) => leaf),
      seq - checkpoint.firstSeq,
    );
    const hex = path.map((node) => node.toString('hex'));
    return { eventId, body: row.body, seq, path: hex, checkpoint, publicKey: row.public_key };
  },
);
