import type { CredentialListHandlers } from '#bench/credential-list.ts';
import { find, interleave, type Result, round, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

const FEW = 100;
const MANY = 10_000;
const GOAL_P99_MS = 100;

async function startList(world: World, name: string, count: number) {
  const { appUrl, ownerUrl } = await world.database(name);
  const env = { DATABASE_URL: appUrl, BENCH_OWNER_URL: ownerUrl };
  const child = await world.start<CredentialListHandlers>('credential-list', env);
  await child.ask('fill', count);
  return child;
}

/** A page of 10,000 credentials against the first page of a hundred. */
export async function credentialList(world: World, settings: Settings): Promise<Result[]> {
  const few = await startList(world, 'list_few', FEW);
  const many = await startList(world, 'list_many', MANY);
  const times = Math.max(10, Math.round(settings.seconds * 20));
  const results: Result[] = [];
  let worst = 0;
  for (const question of await many.ask('questions', undefined)) {
    const pairs = await interleave(
      settings.pairs,
      () => few.ask('run', { question: 'first page', count: FEW, times }),
      () => many.ask('run', { question, count: MANY, times }),
    );
    worst = Math.max(worst, ...pairs.map(({ subject }) => subject.p99));
    // Only the way through the list is judged: a search looks at every credential, and is to be done within the goal.
    const bound = question.includes('page') ? { bound: { atMost: 2 } } : {};
    results.push(find(question, pairs, ({ p50 }) => p50, { unit: 'ms', ...bound }));
  }
  await few.stop();
  await many.stop();
  console.log(`The longest p99 of a page is ${round(worst)} ms; the goal is ${GOAL_P99_MS} ms.`);
  return results;
}
