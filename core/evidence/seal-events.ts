import type { PoolClient } from 'pg';
import {
  BATCH_PLACES,
  type Checkpoint,
  checkpointHash,
  NOTHING_BEFORE,
  signCheckpoint,
} from '#core/audit/checkpoint.ts';
import { rootOf } from '#core/audit/merkle.ts';
import { type AuditKey, auditKey } from '#core/audit/signing-key.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';
import { useKey } from '#core/evidence/use-key.ts';
import { db } from '#lib/db.ts';

// Any number that nothing else locks in this database.
const SEAL_LOCK = 84_200_614;

// Event by event, onward from $1: as a join, the planner reads the whole log where it has no statistics of its newest part.
const UNSEALED = `from audit_events e
  where e.id > $1 and (select l.event_id from audit_leaves l where l.event_id = e.id limit 1) is null
  order by e.id`;

interface Newest {
  checkpoint: Checkpoint | null;
  top: number;
}

async function newestBatch(client: Pick<PoolClient, 'query'>): Promise<Newest> {
  const { rows } = await client.query<CheckpointRow & { top: string }>(
    `select ${CHECKPOINT_COLUMNS}, b.top from audit_batches b order by n desc limit 1`,
  );
  const row = rows[0];
  return row === undefined
    ? { checkpoint: null, top: 0 }
    : { checkpoint: checkpointOf(row), top: Number(row.top) };
}

/**
 * The largest event id that no transaction can still bring, or a smaller one: what was the largest when a batch was sealed
 * whose transaction, and all that were begun before it, have ended (docs/decisions/0018). And the time.
 */
async function readSettled(client: PoolClient): Promise<{ settled: number; at: Date }> {
  const { rows } = await client.query<{ settled: string; at: Date }>(
    `select coalesce((select top from audit_batches
                       where xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                       order by n desc limit 1), 0) as settled,
            date_trunc('milliseconds', rekey_now()) as at`,
  );
  const row = rows[0];
  if (row === undefined) throw new Error('The database did not tell the time.');
  return { settled: Number(row.settled), at: row.at };
}

interface Sealed {
  seq: string;
  event_id: string;
  leaf: Buffer;
}

async function insertLeaves(client: PoolClient, above: number, firstSeq: number): Promise<Sealed[]> {
  const { rows } = await client.query<Sealed>(
    `insert into audit_leaves (seq, event_id, leaf)
     select $2::bigint - 1 + row_number() over (order by id), id, leaf
       from (select e.id, e.leaf ${UNSEALED} limit ${BATCH_PLACES}) waiting
     returning seq, event_id, leaf`,
    [above, firstSeq],
  );
  return rows.sort((a, b) => Number(a.seq) - Number(b.seq));
}

async function sealBatch(client: PoolClient, key: AuditKey): Promise<number> {
  const { checkpoint: before, top } = await newestBatch(client);
  // Read before the events are: what has settled by now is visible to them.
  const { settled, at } = await readSettled(client);
  await useKey(client, key, before);
  const firstSeq = (before?.lastSeq ?? 0) + 1;
  const leaves = await insertLeaves(client, before?.settled ?? 0, firstSeq);
  const ids = leaves.map(({ event_id }) => Number(event_id));
  const last = ids.at(-1);
  if (last === undefined) return 0;
  // A full batch may have left events behind; they come after its last one.
  const complete = ids.length < BATCH_PLACES ? settled : Math.min(settled, last);
  const checkpoint = signCheckpoint(
    {
      n: (before?.n ?? 0) + 1,
      firstSeq,
      lastSeq: firstSeq + leaves.length - 1,
      root: rootOf(leaves.map(({ leaf }) => leaf)).toString('hex'),
      previous: before === null ? NOTHING_BEFORE : checkpointHash(before),
      settled: Math.max(before?.settled ?? 0, complete),
      at: at.toISOString(),
      keyId: key.id,
    },
    key,
  );
  await storeBatch(client, checkpoint, Math.max(top, last));
  return leaves.length;
}

async function storeBatch(client: PoolClient, checkpoint: Checkpoint, top: number): Promise<void> {
  const { n, firstSeq, lastSeq, root, previous, settled, at, keyId, signature } = checkpoint;
  await client.query(
    `insert into audit_batches
       (n, first_seq, last_seq, root, previous, settled, at, key_id, signature, top, xid)
     values ($1, $2, $3, decode($4, 'hex'), decode($5, 'hex'), $6, $7, $8, decode($9, 'base64'), $10,
             pg_current_xact_id()::text::bigint)`,
    [n, firstSeq, lastSeq, root, previous, settled, at, keyId, signature, top],
  );
}

/** Seals one batch, unless another sealer is at it. Answers how many events it holds. */
async function sealOnce(key: AuditKey): Promise<number> {
  const client = await db().pool.connect();
  try {
    // Where this process is frozen, the server ends its transaction, and another sealer goes on.
    await client.query(`begin; set local idle_in_transaction_session_timeout = '10s'`);
    // A lock of the transaction, not of the session: it works through a pooler, and dies with its holder.
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      SEAL_LOCK,
    ]);
    const count = rows[0]?.mine === true ? await sealBatch(client, key) : 0;
    await client.query('commit');
    client.release();
    return count;
  } catch (error) {
    // The connection may be in any state; the server rolls back when it closes.
    client.release(true);
    throw error;
  }
}

async function isWaiting({ checkpoint, top }: Newest, key: AuditKey): Promise<boolean> {
  if (checkpoint !== null && checkpoint.keyId !== key.id) return true;
  // Most often something newer than everything that is sealed tells, and the look at each event since then is not needed.
  const { rows } = await db().pool.query<{ waiting: boolean }>(
    `select exists (select from audit_events where id > $2)
         or (select e.id ${UNSEALED} limit 1) is not null as waiting`,
    [checkpoint?.settled ?? 0, top],
  );
  return rows[0]?.waiting === true;
}

/**
 * Seals every event that has none of its leaves sealed yet, in batches, and answers the newest checkpoint, whoever made
 * it; null while there is none. Any number of sealers may call it at the same time: one seals, and nothing is sealed
 * twice or left out, also where one is killed or transactions commit in another order than their events have ids. Throws where
 * the newest batch is neither of this installation's key nor of the one that the environment names as the key before.
 */
export async function sealEvents(): Promise<Checkpoint | null> {
  const key = auditKey();
  if (await isWaiting(await newestBatch(db().pool), key)) {
    while ((await sealOnce(key)) === BATCH_PLACES);
  }
  return (await newestBatch(db().pool)).checkpoint;
}
