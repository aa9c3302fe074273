import { createPostgresBackend, type Job, Queue, Worker } from 'bullmq';
import { env } from '#lib/env.ts';

/** The queue is only a doorbell: an entry says "look at this rotation" and nothing more. */
interface Bell {
  rotationId: string;
}

export const QUEUE_NAME = 'rotations';

const onPostgres = () => ({
  connection: {
    connectionString: env().DATABASE_URL,
    schema: 'bullmq',
    max: 4,
    skipMigrations: true,
    // No ring is worth waiting for a disk: one that a crash of Postgres forgets is rung again by the sweep.
    options: '-c synchronous_commit=off',
  },
});

const onRedis = (url: string) => ({ connection: { url, maxRetriesPerRequest: null } });

// The ringing side does not wait for a Redis that is away: whoever rings goes on, and the sweep sees to the rest.
const toRedis = (url: string) => ({ connection: { url, enableOfflineQueue: false } });

/** A ring is a matter of milliseconds; a queue that takes longer is called away. */
const PATIENCE_MS = 1_000;

// Errors of the queue's own connections end nothing: bullmq connects again, and the sweep finds lost rings.
const ignore = () => {};

type RotationQueue = Pick<Queue, 'add' | 'addBulk' | 'getWaitingCount' | 'close' | 'drain' | 'getJobs'>;

/** Opens the ringing side, on Redis where `REDIS_URL` is set and on Postgres otherwise. */
export function openQueue(): RotationQueue {
  const redis = env().REDIS_URL;
  if (redis !== undefined) {
    return new Queue(QUEUE_NAME, toRedis(redis)).on('error', ignore);
  }
  const queue = new Queue(QUEUE_NAME, onPostgres(), createPostgresBackend).on('error', ignore);
  return queue as unknown as RotationQueue;
}

// Next loads this module once per bundle layer, so the queue hangs on globalThis: one per process.
const shared = globalThis as typeof globalThis & { rekeyQueue?: RotationQueue };

/** What a ring is about: a rotation, and the fence it had when it was found due. */
export interface Ring {
  rotationId: string;
  fence: string;
}

function opened(): RotationQueue {
  shared.rekeyQueue ??= openQueue();
  return shared.rekeyQueue;
}

const entryOf = ({ rotationId, fence }: Ring) => ({
  name: 'rotation',
  data: { rotationId },
  opts: {
    jobId: `rotation-${rotationId}-${fence}`,
    attempts: 1,
    removeOnComplete: true,
    removeOnFail: true,
  },
});

/**
 * Rings for a rotation. While one entry waits, another ring for the same rotation and fence changes nothing. Each
 * claim raises the fence, so the entry that a worker left behind when it died at work never stands in the way of the next
 * ring; for one that died before it claimed, see `ringDueRotations`. Throws within a second when the queue is away. A ring that fails is no loss: the sweep rings again for whatever is due,
 * and looks after it by itself where it cannot ring.
 */
export async function ring(one: Ring): Promise<void> {
  const { name, data, opts } = entryOf(one);
  await within(PATIENCE_MS, opened().add(name, data, opts));
}

/** On Postgres adding in bulk makes and drops two tables, which is not worth it for fewer. */
const FEW = 8;

/** Rings for many, some hundreds at most, in one go: all of them or, where it throws as `ring` does, perhaps none. */
export async function ringAll(rings: readonly Ring[]): Promise<void> {
  if (rings.length <= FEW) {
    await Promise.all(rings.map(ring));
  } else {
    await within(PATIENCE_MS, opened().addBulk(rings.map(entryOf)));
  }
}

/** How many rings wait for an answer. Throws as `ring` does. */
export async function countRings(): Promise<number> {
  return within(PATIENCE_MS, opened().getWaitingCount());
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The queue did not answer within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(ignore);
  }
}

/** Answers rings until closed. Closing waits for the answers under way. */
export function answerRings(
  concurrency: number,
  answer: (rotationId: string) => Promise<void>,
): { close(): Promise<void> } {
  const redis = env().REDIS_URL;
  const process = (entry: Job<Bell>) => answer(entry.data.rotationId);
  if (redis !== undefined) {
    return new Worker(QUEUE_NAME, process, { ...onRedis(redis), concurrency }).on('error', ignore);
  }
  return new Worker(QUEUE_NAME, process, { ...onPostgres(), concurrency }, createPostgresBackend).on(
    'error',
    ignore,
  );
}
