import { randomUUID } from 'node:crypto';
import { forgetOldKeys } from '#core/access/idempotency.ts';
import { isAtRest } from '#core/backup/is-at-rest.ts';
import { findDrift } from '#core/credentials/find-drift.ts';
import { keepSealed } from '#core/evidence/keep-sealed.ts';
import { keepStreaming } from '#core/evidence/keep-streaming.ts';
import { probeUnhealthyIssuers } from '#core/issuers/probe-unhealthy-issuers.ts';
import { forgetOldNotices } from '#core/notifiers/forget-old-notices.ts';
import { gatherNotices } from '#core/notifiers/gather-notices.ts';
import { sendNotices } from '#core/notifiers/send-notices.ts';
import { bringForward } from '#core/policies/bring-forward.ts';
import { fillNextSlots } from '#core/policies/fill-next-slots.ts';
import { advance } from '#core/rotation/advance.ts';
import { advanceBatches } from '#core/rotation/batches/advance-batches.ts';
import { expireApprovals } from '#core/rotation/expire-approvals.ts';
import { expireBreakGlass } from '#core/rotation/expire-break-glass.ts';
import { ringDueRotations, startAllDue } from '#core/rotation/ring-due-rotations.ts';
import { forgetOldMessages } from '#core/webhooks/forget-old-messages.ts';
import { db } from '#lib/db.ts';
import { requireSameVersion } from '#lib/db-version.ts';
import { loadKeys } from '#lib/keys.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';
import { log } from '#lib/log.ts';
import { answerRings } from '#lib/queue.ts';
import { openAnnouncer } from '#lib/signals.ts';
import { repeat } from '#workers/repeat.ts';
import { sendWebhooks } from '#workers/webhooks.ts';

const CONCURRENCY = 64;

await loadKeys(process.env);
await requireSameVersion(db().pool);
await isAtRest();

const id = randomUUID();
const announcer = openAnnouncer();

let isEnding = false;
const isOver = () => isEnding;

async function beat(): Promise<void> {
  await db().pool.query(
    'insert into workers (id) values ($1) on conflict (id) do update set seen_at = rekey_now()',
    [id],
  );
}

/** What a worker does by itself, unless the database was restored and nothing may run. */
function unlessRestored(work: () => Promise<unknown>): () => Promise<void> {
  return async () => {
    if (!(await isAtRest())) await work();
  };
}

async function answer(rotationId: string): Promise<void> {
  try {
    await advance(rotationId, () => announcer.announce(rotationId), isOver);
  } catch (error) {
    // The lease runs out and the sweep brings the rotation back.
    log.error({ err: error, rotationId }, 'a rotation could not be advanced');
  }
}

/** What this worker looks after without having been rung for. */
const unrung = new Map<string, Promise<void>>();

/** Without a queue the worker goes by the ledger alone, as many at a time as it would answer rings. */
function answerUnrung(rotationId: string): void {
  if (unrung.size < CONCURRENCY && !unrung.has(rotationId)) {
    unrung.set(
      rotationId,
      answer(rotationId).finally(() => unrung.delete(rotationId)),
    );
  }
}

async function sweep(): Promise<void> {
  for (const rotationId of await ringDueRotations()) {
    answerUnrung(rotationId);
  }
}

async function schedule(): Promise<void> {
  await startAllDue(isOver);
}

async function fill(): Promise<void> {
  await fillNextSlots(500);
  await expireApprovals();
  await expireBreakGlass();
}

const doorbell = answerRings(CONCURRENCY, answer);
const timers = [
  repeat('keys', 60_000, forgetOldKeys),
  repeat('heartbeat', 5000, beat),
  repeat('seal', 250, keepSealed),
  repeat('stream', 500, unlessRestored(keepStreaming)),
  repeat('sweep', 500, unlessRestored(sweep)),
  repeat('schedule', 1000, unlessRestored(schedule)),
  repeat(
    'batches',
    500,
    unlessRestored(async () => {
      await advanceBatches();
    }),
  ),
  repeat('fill', 1000, unlessRestored(fill)),
  repeat(
    'bring forward',
    10_000,
    unlessRestored(() => bringForward(500)),
  ),
  repeat('probe', 2000, unlessRestored(probeUnhealthyIssuers)),
  repeat(
    'notices',
    5000,
    unlessRestored(async () => {
      await gatherNotices(false);
      await sendNotices(isOver);
    }),
  ),
  repeat(
    'ages',
    60_000,
    unlessRestored(() => gatherNotices(true)),
  ),
  repeat('forget', 600_000, async () => {
    await forgetOldMessages();
    await forgetOldNotices();
  }),
  repeat(
    'drift',
    5000,
    unlessRestored(() => findDrift(20, isOver)),
  ),
];

const webhooks = sendWebhooks();

await beat();
tieToStarter(async () => {
  isEnding = true;
  // All of it at once: what is under way is ended and stored, so that it is not done a second time.
  await Promise.all([...timers.map((timer) => timer.stop()), webhooks.stop(), doorbell.close()]);
  await Promise.all(unrung.values());
  await announcer.close();
  await db().pool.query('delete from workers where id = $1', [id]);
  await db().close();
});
log.info({ worker: id }, 'worker ready');
sayReady();
