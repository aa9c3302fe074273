import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { STANDING } from '#core/rotation/batches/batch-rules.ts';

const input = z.object({
  state: z.enum(['running', 'stopped', 'completed']).optional(),
  /** The id of the last batch of the page before. Ids grow with time. */
  after: z.uuid().optional(),
  limit: z.int().min(1).max(1000).optional(),
});

interface Row {
  id: string;
  state: 'running' | 'stopped' | 'completed';
  reason: string;
  started_by: string;
  created_at: Date;
  ended_at: Date | null;
  credentials: number;
  done: number;
  failed: number;
}

/** Batches, the newest first. Whoever is limited sees those of which every credential is within their limits. */
export const listBatches = read(
  {
    name: 'list-batches',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { state, after, limit }) => {
    const { rows } = await db.pool.query<Row>(
      `select b.id, b.state, b.reason, b.started_by ->> 'name' as started_by, b.created_at, b.ended_at,
              count(*)::int as credentials,
              count(*) filter (where ${STANDING} in ('overlap', 'completed'))::int as done,
              count(*) filter (where ${STANDING} = 'failed')::int as failed
         from (select * from batches b
                where ($3::text is null or b.state = $3) and ($4::uuid is null or b.id < $4)
                  and not exists (select 1 from batch_members m join credentials c on c.id = m.credential_id
                                   where m.batch_id = b.id and not (${credentialInScope}))
                order by b.id desc limit $5) b
         join batch_members m on m.batch_id = b.id left join rotations r on r.id = m.rotation_id
        group by b.id, b.state, b.reason, b.started_by, b.created_at, b.ended_at
        order by b.id desc`,
      [...scopeValues(actor), state ?? null, after ?? null, limit ?? null],
    );
    return rows.map((row) => ({
      id: row.id,
      state: row.state,
      reason: row.reason,
      startedBy: row.started_by,
      createdAt: row.created_at.toISOString(),
      endedAt: row.ended_at?.toISOString() ?? null,
      credentials: row.credentials,
      /** Their new version is in use. */
      done: row.done,
      failed: row.failed,
    }));
  },
);

export type BatchRow = Awaited<ReturnType<typeof listBatches>>[number];
