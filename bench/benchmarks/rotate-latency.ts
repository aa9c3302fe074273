import { type Backend, backends, noRedis, startEngine, startFloor, warmUp } from '#bench/parts.ts';
import { find, interleave, median, type Result, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

const AT_MOST = 3;
const CREDENTIALS = 16;

async function compare(world: World, settings: Settings, { name, redis }: Backend): Promise<Result[]> {
  const floor = await startFloor(world);
  const engine = await startEngine(world, { redis, credentials: CREDENTIALS, workers: 1 });
  await warmUp(engine, 1, CREDENTIALS);
  const load = { seconds: settings.seconds / 2, concurrency: 1 };
  const pairs = await interleave(
    settings.pairs,
    () => floor.run(load),
    () => engine.run(load),
  );
  await engine.stop();
  await floor.stop();
  const whole = pairs.map((pair) => ({
    floor: median(pair.floor.toEndMs),
    subject: median(pair.subject.toCurrentMs),
  }));
  const same = (ms: number) => ms;
  return [
    find(`click to current, ${name}`, whole, same, { unit: 'ms', bound: { atMost: AT_MOST } }),
    find('  against the floor until current', pairs, (run) => median(run.toCurrentMs), { unit: 'ms' }),
    find('  click to the end', pairs, (run) => median(run.toEndMs), { unit: 'ms' }),
    find('  CPU of the worker, against the whole floor', pairs, (run) => run.cpuMs, { unit: 'ms' }),
    find('  CPU of the click, against the whole floor', pairs, (run) => run.clickCpuMs, { unit: 'ms' }),
  ];
}

/** From the click until the new version is current, one rotation at a time, against one whole rotation of the floor. */
export async function rotateLatency(world: World, settings: Settings): Promise<Result[]> {
  const { postgres, redis } = await backends(world);
  const onPostgres = await compare(world, settings, postgres);
  return [...onPostgres, ...(redis === null ? [noRedis] : await compare(world, settings, redis))];
}
