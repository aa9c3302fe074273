import type { GuardedHandlers } from '#bench/guarded.ts';
import { find, interleave, type Result, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

/** What a call through the guarded client costs, against an unguarded pool. */
export async function httpGuard(world: World, settings: Settings): Promise<Result[]> {
  const child = await world.start<GuardedHandlers>('guarded');
  const load = { seconds: settings.seconds / 2, concurrency: 16 };
  const pairs = await interleave(
    settings.pairs,
    () => child.ask('run', { ...load, isGuarded: false }),
    () => child.ask('run', { ...load, isGuarded: true }),
  );
  await child.stop();
  return [find('CPU per call', pairs, (us) => us, { unit: 'µs', bound: { atMost: 1.8 } })];
}
