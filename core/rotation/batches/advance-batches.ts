import type { PoolClient } from 'pg';
import type { AuditActor } from '#core/audit/events.ts';
import {
  OPEN,
  type Refusal,
  STANDING,
  TAKES_PLACE,
  whySentence,
} from '#core/rotation/batches/batch-rules.ts';
import { recordWith } from '#core/rotation/batches/record-with.ts';
import { insertRotations } from '#core/rotation/insert-rotation.ts';
import { makePlans } from '#core/rotation/plan.ts';
import { db, inTransaction } from '#lib/db.ts';
import { log } from '#lib/log.ts';
import { newId } from '#lib/new-id.ts';
import { ringAll } from '#lib/queue.ts';

interface BatchRow {
  id: string;
  max_concurrency: number;
  stop_on_failure: boolean;
  /** Null: each credential's as its policy says when its turn comes, or else a day. */
  grace_seconds: number | null;
  reason: string;
  started_by: AuditActor;
}

const by: AuditActor = { kind: 'system', id: null, name: 'batches' };

// Whoever holds the row starts for the batch; another worker passes over it. What was started counts from this commit on.
const CLAIM = `
  select id, max_concurrency, stop_on_failure, grace_seconds, reason, started_by
    from batches where id = $1 and state = 'running' for update skip locked`;

// A member that a person let pass counts again once its rotation has gone on.
const REARM = `
  update batch_members m set excused = false from rotations r
   where m.batch_id = $1 and m.excused and r.id = m.rotation_id and r.outcome is null and r.hold is null`;

interface Counts {
  waiting: number;
  taken: number;
  open: number;
  completed: number;
  failed: number;
  skipped: number;
}

const COUNTS = `
  select count(*) filter (where standing = 'waiting')::int as waiting,
         count(*) filter (where taken)::int as taken,
         count(*) filter (where open)::int as open,
         count(*) filter (where standing = 'completed')::int as completed,
         count(*) filter (where standing = 'failed')::int as failed,
         count(*) filter (where standing = 'skipped')::int as skipped
    from (select ${STANDING} as standing, ${TAKES_PLACE} as taken, ${OPEN} as open
            from batch_members m left join rotations r on r.id = m.rotation_id where m.batch_id = $1) as each`;

interface Failure {
  credential: string;
  why_code: string | null;
  outcome: string | null;
  hold: string | null;
  hold_detail: string | null;
}

const FAILURE = `
  select c.name as credential, m.why_code, r.outcome, r.hold, r.hold_detail
    from batch_members m left join rotations r on r.id = m.rotation_id join credentials c on c.id = m.credential_id
   where m.batch_id = $1 and not m.excused and ${STANDING} = 'failed' order by m.position limit 1`;

async function stop(client: PoolClient, id: string, failure: Failure, waiting: number): Promise<void> {
  const why = `${failure.credential} failed: ${whySentence(failure) ?? 'its rotation did not complete.'} Nothing more was started. Repair what it names and let it go on, then let the batch go on.`;
  await client.query(`update batches set state = 'stopped', stop_why = $2 where id = $1`, [id, why]);
  const { credential } = failure;
  await recordWith(client, { action: 'batch.stopped', actor: by, id, credential, waiting, reason: why });
}

async function complete(client: PoolClient, id: string, counts: Counts): Promise<void> {
  await client.query(`update batches set state = 'completed', ended_at = rekey_now() where id = $1`, [id]);
  const { completed, failed, skipped } = counts;
  const outcome = failed === 0 ? 'success' : 'failure';
  await recordWith(client, { action: 'batch.completed', actor: by, outcome, id, completed, failed, skipped });
}

interface Candidate {
  position: number;
  credential_id: string;
  why: Refusal | null;
}

// The next in order. What is paused keeps its turn and lets others go first. Nobody archives them before they are started.
const NEXT = `
  select m.position, m.credential_id,
         case when c.archived_at is not null then 'archived'
              when exists (select 1 from rotations r where r.credential_id = c.id and r.outcome is null) then 'rotation_open'
              when exists (select 1 from secret_versions v where v.credential_id = c.id and v.state = 'current'
                              and v.promoted_at > b.created_at) then 'rotated_meanwhile' end as why
    from batch_members m join batches b on b.id = m.batch_id join credentials c on c.id = m.credential_id
   where m.batch_id = $1 and m.state = 'waiting' and is_paused(c.id) is null
   order by m.position limit $2 for key share of c`;

const SKIP = `
  update batch_members m set state = 'skipped', why_code = s.why
    from jsonb_to_recordset($2::jsonb) as s(position integer, why text)
   where m.batch_id = $1 and m.position = s.position`;

const STARTED = `
  update batch_members m set state = 'started', rotation_id = s.rotation_id
    from jsonb_to_recordset($2::jsonb) as s(position integer, rotation_id uuid)
   where m.batch_id = $1 and m.position = s.position`;

/** Starts the rotations of the next members, as many as there are places; answers which. */
async function startNext(client: PoolClient, batch: BatchRow, places: number): Promise<string[]> {
  const { rows } = await client.query<Candidate>(NEXT, [batch.id, places]);
  const ready = rows.filter(({ why }) => why === null);
  const plans = await makePlans(
    client,
    ready.map(({ credential_id }) => ({
      credentialId: credential_id,
      graceSeconds: batch.grace_seconds ?? undefined,
      requester: batch.started_by.name,
    })),
  );
  const rotations = ready.flatMap(({ position, credential_id }) => {
    const plan = plans.get(credential_id);
    if (plan === undefined || plan instanceof Error) {
      log.error({ err: plan, credentialId: credential_id }, 'a rotation of a batch could not be planned');
      return [];
    }
    const { started_by: actor, reason } = batch;
    return [{ position, rotation: { id: newId(), plan, actor, priority: 'manual' as const, reason } }];
  });
  const stored =
    rotations.length === 0
      ? new Set<string>()
      : await insertRotations(
          async (text, values) => (await client.query(text, [...values])).rows,
          rotations.map(({ rotation }) => rotation),
        );
  const started = rotations.filter(({ rotation }) => stored.has(rotation.id));
  const taken = new Set(started.map(({ position }) => position));
  const planned = new Set(rotations.map(({ position }) => position));
  const skipped = rows
    .filter(({ position }) => !taken.has(position))
    .map(({ position, why }) => ({
      position,
      why: why ?? (planned.has(position) ? 'rotation_open' : 'unplannable'),
    }));
  await client.query(SKIP, [batch.id, JSON.stringify(skipped)]);
  const begun = started.map(({ position, rotation }) => ({ position, rotation_id: rotation.id }));
  await client.query(STARTED, [batch.id, JSON.stringify(begun)]);
  return started.map(({ rotation }) => rotation.id);
}

async function advanceBatch(id: string): Promise<string[]> {
  return inTransaction(async (client) => {
    const { rows } = await client.query<BatchRow>(CLAIM, [id]);
    const [batch] = rows;
    if (batch === undefined) {
      return [];
    }
    await client.query(REARM, [id]);
    const { rows: counted } = await client.query<Counts>(COUNTS, [id]);
    const [counts] = counted;
    if (counts === undefined) {
      return [];
    }
    if (counts.waiting === 0) {
      if (counts.open === 0) {
        await complete(client, id, counts);
      }
      return [];
    }
    const [failure] = batch.stop_on_failure ? (await client.query<Failure>(FAILURE, [id])).rows : [];
    if (failure !== undefined) {
      await stop(client, id, failure, counts.waiting);
      return [];
    }
    const places = batch.max_concurrency - counts.taken;
    return places > 0 ? startNext(client, batch, places) : [];
  });
}

/**
 * Carries every batch that runs one step on: stops it at a failure, starts what has a place, or completes it. Any number of
 * workers may do so at the same time: one of them holds the batch, each member is started exactly once, and never more than
 * the batch allows are at work because of it. Answers the rotations that it started.
 */
export async function advanceBatches(): Promise<string[]> {
  const { rows } = await db().pool.query<{ id: string }>({
    name: 'running_batches',
    text: `select id from batches where state = 'running' order by created_at`,
  });
  const started: string[] = [];
  for (const { id } of rows) {
    // One that fails keeps no other waiting; it is tried again with the next sweep.
    const rotationIds = await advanceBatch(id).catch((error: unknown) => {
      log.error({ err: error, batchId: id }, 'a batch could not be carried on');
      return [];
    });
    started.push(...rotationIds);
  }
  if (started.length > 0) {
    // A lost ring costs the sweep's half second and no more.
    await ringAll(started.map((rotationId) => ({ rotationId, fence: '0' }))).catch(() => {});
  }
  return started;
}
