import type { Asked } from '#bench/child.ts';
import { backends, noRedis } from '#bench/parts.ts';
import { find, interleave, type Result, round, type Settings } from '#bench/runner.ts';
import type { ScheduleHandlers } from '#bench/schedule.ts';
import type { World } from '#bench/world.ts';

const FEW = 10_000;
const AT_ONCE = 2000;
const GOAL_P99_MS = 5;

type Schedule = Asked<ScheduleHandlers>;

/** A process on a migrated database of its own. */
export async function startSchedule(world: World, name: string, redis: string | null) {
  const { appUrl, ownerUrl } = await world.database(name);
  const queue: Record<string, string> = redis === null ? {} : { REDIS_URL: redis };
  const env = { ...queue, DATABASE_URL: appUrl, BENCH_OWNER_URL: ownerUrl };
  return world.start<ScheduleHandlers>('schedule', env);
}

async function judgeIdle(few: Schedule, many: Schedule, settings: Settings): Promise<Result> {
  const polls = Math.max(50, Math.round(settings.seconds * 200));
  const pairs = await interleave(
    settings.pairs,
    () => few.ask('idle', polls),
    () => many.ask('idle', polls),
  );
  const p99 = Math.max(...pairs.map(({ subject }) => subject.p99));
  console.log(`The longest p99 of an idle poll is ${round(p99)} ms; the goal is ${GOAL_P99_MS} ms.`);
  const what = `idle poll, ${settings.assignments.toLocaleString('en')} credentials`;
  return find(what, pairs, (run) => run.p50, { unit: 'ms', bound: { atMost: 1.5 } });
}

async function judgeStarts(many: Schedule, settings: Settings, name: string): Promise<Result> {
  const pairs = await interleave(
    settings.pairs,
    () => many.ask('ringOneByOne', AT_ONCE),
    () => many.ask('start', AT_ONCE),
  );
  return find(`claim, create and ring, ${name}`, pairs, (perSecond) => perSecond, {
    unit: '/s',
    bound: { atLeast: 3 },
  });
}

/** What a poll costs that finds nothing due, however many credentials there are, and how fast many that are due start. */
export async function dueScan(world: World, settings: Settings): Promise<Result[]> {
  const { postgres, redis } = await backends(world);
  const few = await startSchedule(world, 'due_few', null);
  const many = await startSchedule(world, 'due_many', null);
  await few.ask('fill', Math.min(FEW, settings.assignments));
  const begun = performance.now();
  await many.ask('fill', settings.assignments);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(
    `${settings.assignments.toLocaleString('en')} credentials with a policy, written in ${seconds} s`,
  );
  const results = [await judgeIdle(few, many, settings), await judgeStarts(many, settings, postgres.name)];
  await few.stop();
  await many.stop();
  if (redis === null) {
    return [...results, noRedis];
  }
  const onRedis = await startSchedule(world, 'due_many', redis.redis);
  results.push(await judgeStarts(onRedis, settings, redis.name));
  await onRedis.stop();
  return results;
}
