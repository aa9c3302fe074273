import { randomUUID } from 'node:crypto';
import { answerQuestions } from '#bench/child.ts';
import { keepBusy, type Load } from '#bench/load.ts';
import { system } from '#core/access/actor.ts';
import { type Checkpoint, isSignedBy } from '#core/audit/checkpoint.ts';
import { leafHash, rootOf } from '#core/audit/merkle.ts';
import { auditKey } from '#core/audit/signing-key.ts';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointOf } from '#core/audit/stored-checkpoint.ts';
import { finishVerification } from '#core/evidence/verification.ts';
import { verifyAudit } from '#core/evidence/verify-audit.ts';
import { db } from '#lib/db.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/* The audit log as it is written and verified, and what each is measured against. */

const { pool } = db();

function event() {
  return {
    ...{ action: 'secret.delivered', outcome: 'success', requestId: randomUUID(), credential: 'orders-api' },
    actor: { kind: 'system', id: null, name: 'worker' },
    ...{ credentialId: randomUUID(), rotationId: randomUUID(), version: 7, fingerprint: 'a1b2c3d4e5f6' },
    target: 'env files of the fleet',
  };
}

/** One row as audit_events has it, by one statement and nothing else. */
const PLAIN = `insert into plain_events
    (at, action, outcome, actor_kind, actor_id, actor_name, credential_id, rotation_id, request_id, body, leaf)
  values (now(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
const leaf = Buffer.alloc(32, 7);

const ways = {
  plain: async () => {
    const { action, outcome, actor, credentialId, rotationId, requestId, ...rest } = event();
    const columns = [action, outcome, actor.kind, actor.id, actor.name, credentialId, rotationId, requestId];
    const body = JSON.stringify({ action, outcome, actor, credentialId, rotationId, requestId, ...rest });
    await pool.query({ name: 'plain', text: PLAIN, values: [...columns, body, leaf] });
  },
  chained: async () => {
    await pool.query({
      name: 'chained',
      text: 'select append_chained($1)',
      values: [JSON.stringify(event())],
    });
  },
  leaf: async () => {
    await pool.query({ name: 'leaf', text: 'select record_event($1)', values: [JSON.stringify(event())] });
  },
};

async function checkpoints(): Promise<Checkpoint[]> {
  const { rows } = await pool.query<CheckpointRow>(
    `select ${CHECKPOINT_COLUMNS} from audit_batches b order by n`,
  );
  return rows.map(checkpointOf);
}

let kept: { bodies: string[]; batches: Checkpoint[] } = { bodies: [], batches: [] };

const handlers = {
  append: async ({ way, ...load }: Load & { way: keyof typeof ways }) => {
    const { count, seconds } = await keepBusy(load, ways[way]);
    return count / seconds;
  },
  /** Writes so many events; the sealer makes batches of them. */
  fill: async (count: number) => {
    for (let n = 0; n < count; n += 1000) {
      const many = Array.from({ length: Math.min(1000, count - n) }, event);
      await pool.query('select record_events($1)', [JSON.stringify(many)]);
    }
  },
  /** Takes what is sealed into memory, for the floor. */
  keep: async (_: undefined) => {
    const { rows } = await pool.query<{ body: string }>(
      'select body from audit_leaves l join audit_events e on e.id = l.event_id order by seq',
    );
    kept = { bodies: rows.map(({ body }) => body), batches: await checkpoints() };
  },
  /** Hashes and checks signatures, of what is in memory. Answers events per second. */
  hash: (_: undefined) => {
    const { publicKey } = auditKey();
    const begun = performance.now();
    for (const checkpoint of kept.batches) {
      const leaves = kept.bodies.slice(checkpoint.firstSeq - 1, checkpoint.lastSeq).map(leafHash);
      if (rootOf(leaves).toString('hex') !== checkpoint.root || !isSignedBy(checkpoint, publicKey)) {
        throw new Error(`Batch ${checkpoint.n} does not verify.`);
      }
    }
    return (kept.bodies.length * 1000) / (performance.now() - begun);
  },
  /** Verifies as people do. Answers events per second. */
  verify: async (_: undefined) => {
    const begun = performance.now();
    const { ok, events, firstBad } = await finishVerification(await verifyAudit(system('bench'), {}));
    if (!ok) throw new Error(`The log does not verify: ${firstBad?.what}.`);
    return (events * 1000) / (performance.now() - begun);
  },
};

export type AuditHandlers = typeof handlers;

answerQuestions(handlers);
tieToStarter(() => db().close());
sayReady();
