import { startSchedule } from '#bench/benchmarks/due-scan.ts';
import { type Backend, backends, noRedis } from '#bench/parts.ts';
import { find, interleave, median, type Result, round, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

const ONE_BY_ONE = 2000;
const GOAL_SECONDS = 10;

async function judge(world: World, settings: Settings, { name, redis }: Backend): Promise<Result> {
  const schedule = await startSchedule(world, redis === null ? 'rings' : 'rings_redis', redis);
  await schedule.ask('fill', settings.open);
  await schedule.ask('open', settings.open);
  const pairs = await interleave(
    Math.min(settings.pairs, 3),
    () => schedule.ask('ringOneByOne', ONE_BY_ONE),
    () => schedule.ask('ringAgain', settings.open),
  );
  await schedule.stop();
  const seconds = settings.open / median(pairs.map(({ subject }) => subject));
  const count = settings.open.toLocaleString('en');
  console.log(
    `${name}: ${count} rung again in ${round(seconds)} s; the goal for 100,000 is ${GOAL_SECONDS} s.`,
  );
  return find(`rung again after a flush, ${name}`, pairs, (perSecond) => perSecond, {
    unit: '/s',
    bound: { atLeast: 3 },
  });
}

/** How fast the sweep rings again for every open rotation after the queue lost all entries, against ringing one by one. */
export async function ringAgain(world: World, settings: Settings): Promise<Result[]> {
  const { postgres, redis } = await backends(world);
  const onPostgres = await judge(world, settings, postgres);
  return [onPostgres, redis === null ? noRedis : await judge(world, settings, redis)];
}
