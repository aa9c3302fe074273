import { backends, type Run, startEngine, startFloor, warmUp } from '#bench/parts.ts';
import { find, type Pair, type Result, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

const DELAY_MS = 100;
const CONCURRENCY = 256;
/** Each answers 64 rings at once. */
const WORKERS = 4;
const AT_LEAST = 100;

/** 256 rotations at once with peers that take 100 ms per call, against a loop that makes one call after the other. */
export async function rotateSlowPeers(world: World, settings: Settings): Promise<Result[]> {
  const { postgres, redis } = await backends(world);
  const backend = redis ?? postgres;
  const serial = await startFloor(world, { serial: true });
  const options = { redis: backend.redis, credentials: CONCURRENCY, workers: WORKERS };
  const engine = await startEngine(world, options);
  // Warmed up without the delay: only the processes have to be warm, and it takes less time.
  await serial.run({ seconds: 0.5, concurrency: 1 });
  await warmUp(engine, WORKERS, CONCURRENCY);
  await world.peers.ask('delay', DELAY_MS);
  const pairs: Pair<Run>[] = [];
  for (let n = 0; n < Math.min(settings.pairs, 3); n += 1) {
    pairs.push({
      floor: await serial.run({ seconds: 2, concurrency: 1 }),
      subject: await engine.run({ seconds: 5, concurrency: CONCURRENCY }),
    });
  }
  await world.peers.ask('delay', 0);
  await engine.stop();
  await serial.stop();
  const bound = { atLeast: AT_LEAST };
  return [
    find(`rotations with slow peers, ${backend.name}`, pairs, (run) => run.perSecond, { unit: '/s', bound }),
  ];
}
