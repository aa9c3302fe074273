import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';

/** The checkpoints after a batch, in their order: each with everything that its text and its signature are checked with. */
export const listAuditCheckpoints = read(
  {
    name: 'list-audit-checkpoints',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({
      after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
      limit: z.number().int().min(1).max(101).default(101),
    }),
  },
  async ({ db }, { after, limit }) => {
    const { rows } = await db.pool.query<CheckpointRow & { public_key: string }>(
      `select ${CHECKPOINT_COLUMNS}, encode(k.public_key, 'hex') as public_key
         from audit_batches b join audit_keys k on k.id = b.key_id where b.n > $1 order by b.n limit $2`,
      [after, limit],
    );
    return rows.map((row) => ({ ...checkpointOf(row), publicKey: row.public_key }));
  },
);
