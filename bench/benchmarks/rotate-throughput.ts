import { type Backend, backends, noRedis, startEngine, startFloor, warmUp } from '#bench/parts.ts';
import { find, interleave, type Result, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

const CONCURRENCY = 16;
const CREDENTIALS = 64;

interface Bounds {
  rate: number;
  cpu: number;
}

async function compare(world: World, settings: Settings, { name, redis }: Backend, bounds: Bounds) {
  const floor = await startFloor(world);
  const engine = await startEngine(world, { redis, credentials: CREDENTIALS, workers: 1 });
  const load = { seconds: settings.seconds, concurrency: CONCURRENCY };
  await warmUp(engine, 1, CONCURRENCY);
  const pairs = await interleave(
    settings.pairs,
    () => floor.run(load),
    () => engine.run(load),
  );
  await engine.stop();
  await floor.stop();
  const bound = { rate: { atLeast: bounds.rate }, cpu: { atMost: bounds.cpu } };
  return [
    find(`rotations, ${name}`, pairs, (run) => run.perSecond, { unit: '/s', bound: bound.rate }),
    find(`  worker CPU per rotation, ${name}`, pairs, (run) => run.cpuMs, { unit: 'ms', bound: bound.cpu }),
    find('  CPU of the click, against the whole floor', pairs, (run) => run.clickCpuMs, { unit: 'ms' }),
    find('  calls outside per rotation', pairs, (run) => run.calls, { unit: '' }),
  ];
}

/** Rotations per second and worker CPU per rotation, 16 at a time, on both backends of the queue. */
export async function rotateThroughput(world: World, settings: Settings): Promise<Result[]> {
  const { postgres, redis } = await backends(world);
  const onPostgres = await compare(world, settings, postgres, { rate: 0.35, cpu: 2.6 });
  const onRedis = redis === null ? [noRedis] : await compare(world, settings, redis, { rate: 0.6, cpu: 1.6 });
  return [...onPostgres, ...onRedis];
}
