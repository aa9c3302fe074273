import type { CommitsHandlers } from '#bench/commits.ts';
import { find, interleave, type Result, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

/** Commits per second while every rotation is announced, watched and read again, against nobody watching. */
export async function progressNotify(world: World, settings: Settings): Promise<Result[]> {
  const child = await world.start<CommitsHandlers>('commits', { DATABASE_URL: world.floorUrl });
  const load = { seconds: settings.seconds * 0.7, concurrency: 16 };
  const pairs = await interleave(
    settings.pairs,
    () => child.ask('run', { ...load, isWatched: false }),
    () => child.ask('run', { ...load, isWatched: true }),
  );
  await child.stop();
  // A watcher that hears nothing costs nothing, and proves nothing.
  if (pairs.some(({ subject }) => subject.readings === 0)) {
    throw new Error('The watchers were told of no change.');
  }
  return [find('commits', pairs, (run) => run.perSecond, { unit: '/s', bound: { atLeast: 0.85 } })];
}
