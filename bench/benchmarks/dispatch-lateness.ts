import { startSchedule } from '#bench/benchmarks/due-scan.ts';
import { type Backend, backends, noRedis } from '#bench/parts.ts';
import { find, interleave, median, type Result, round, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

const DUE = 5000;
const [GOAL_FIRST_MS, GOAL_P99_MS] = [1000, 3000];

async function judge(world: World, settings: Settings, { name, redis }: Backend): Promise<Result> {
  const schedule = await startSchedule(world, redis === null ? 'dispatch' : 'dispatch_redis', redis);
  await schedule.ask('fill', DUE);
  // A run takes about five seconds, because it waits for the second in which the slots are due.
  const pairs = await interleave(
    Math.min(settings.pairs, 5),
    () => schedule.ask('bare', DUE),
    () => schedule.ask('lateness', DUE),
  );
  await schedule.stop();
  const first = median(pairs.map(({ subject }) => subject.first));
  const last = median(pairs.map(({ subject }) => subject.p99));
  console.log(
    `${name}: the first is heard of ${round(first)} ms after it was due (goal ${GOAL_FIRST_MS}), p99 ${round(last)} ms (goal ${GOAL_P99_MS}).`,
  );
  const what = `p99 lateness of ${DUE.toLocaleString('en')}, ${name}`;
  return find(what, pairs, (run) => run.p99, { unit: 'ms', bound: { atMost: 2 } });
}

/** How late the rings for 5,000 slots of one second are answered, against a bare queue with as many entries and one poll. */
export async function dispatchLateness(world: World, settings: Settings): Promise<Result[]> {
  const { postgres, redis } = await backends(world);
  const onPostgres = await judge(world, settings, postgres);
  return [onPostgres, redis === null ? noRedis : await judge(world, settings, redis)];
}
