import { type Checkpoint, checkpointHash, NOTHING_BEFORE, signCheckpoint } from '#core/audit/checkpoint.ts';
import { leafHash, rootOf } from '#core/audit/merkle.ts';
import type { AuditKey } from '#core/audit/signing-key.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';
import { rowsOf, tamper } from '#tests/core/evidence/trail.ts';

/* What somebody can do to the log who owns the database: to have everything fit what they changed. */

export const batches = async (): Promise<Checkpoint[]> =>
  (
    await rowsOf<CheckpointRow & Record<string, unknown>>(
      `select ${CHECKPOINT_COLUMNS} from audit_batches b order by n`,
    )
  ).map(checkpointOf);

/** The statement that makes a key known. */
export const makeKnown = ({ id, raw }: AuditKey) =>
  `insert into audit_keys values ('${id}', '\\x${raw.toString('hex')}')`;

/** Writes every leaf, and every root and link up to a batch, anew from the bodies as they are, signed with a key. */
export async function makeAnew(
  key: AuditKey,
  {
    sign = signCheckpoint,
    through = Number.POSITIVE_INFINITY,
  }: { sign?: typeof signCheckpoint; through?: number } = {},
): Promise<void> {
  const bodies = await rowsOf<{ id: string; body: string }>('select id, body from audit_events order by id');
  const leafOf = new Map(bodies.map(({ id, body }) => [id, leafHash(body)]));
  const sealed = await rowsOf<{ event_id: string }>('select event_id from audit_leaves order by seq');
  const statements = [...leafOf].flatMap(([id, leaf]) => [
    `update audit_events set leaf = '\\x${leaf.toString('hex')}' where id = ${id}`,
    `update audit_leaves set leaf = '\\x${leaf.toString('hex')}' where event_id = ${id}`,
  ]);
  let previous = NOTHING_BEFORE;
  for (const old of (await batches()).filter(({ n }) => n <= through)) {
    const part = sealed.slice(old.firstSeq - 1, old.lastSeq).map(({ event_id: id }) => leafOf.get(id));
    const root = rootOf(part.filter((leaf) => leaf !== undefined)).toString('hex');
    const made = sign({ ...old, root, previous, keyId: key.id }, key);
    previous = checkpointHash(made);
    statements.push(
      `update audit_batches set root = '\\x${root}', previous = '\\x${made.previous}', key_id = '${made.keyId}',
              signature = decode('${made.signature}', 'base64') where n = ${old.n}`,
    );
  }
  await tamper(...statements);
}
