import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  advanceClock,
  consumerState,
  expect,
  expectCurrentInUse,
  query,
  stack,
  test,
} from '#tests/e2e/support/stack.ts';

/* The policy is made by core's own use cases in a process of its own, as a pipeline would; the worker does the rest. */

const run = promisify(execFile);

const rotations = () =>
  query<{ slot: Date; outcome: string | null; phase: string }>(
    `select r.slot, r.outcome, r.phase from rotations r join credentials c on c.id = r.credential_id
      where c.name = 'fleet-api' and r.slot is not null order by r.created_at`,
  );

test('a policy rotates without a click, once per slot, and the application notices nothing', async () => {
  const failuresBefore = (await consumerState('fleet-api')).failures;
  await run(process.execPath, ['--import', 'tsx', 'tests/e2e/support/assign-cron-policy.ts'], {
    env: { ...process.env, ...stack.env },
  });
  expect(await rotations()).toEqual([]);

  await advanceClock('61 minutes');
  await expect.poll(rotations, { timeout: 20_000 }).toMatchObject([{ phase: 'overlap', outcome: null }]);
  await expectCurrentInUse('fleet-api');
  await advanceClock('2 minutes');
  await expect.poll(rotations, { timeout: 20_000 }).toMatchObject([{ outcome: 'completed' }]);

  await advanceClock('61 minutes');
  await expect
    .poll(rotations, { timeout: 20_000 })
    .toMatchObject([{ outcome: 'completed' }, { phase: 'overlap', outcome: null }]);
  await expectCurrentInUse('fleet-api');
  await advanceClock('2 minutes');
  await expect
    .poll(rotations, { timeout: 20_000 })
    .toMatchObject([{ outcome: 'completed' }, { outcome: 'completed' }]);
  const slots = (await rotations()).map((row) => row.slot.toISOString());
  expect(new Set(slots).size).toBe(2);
  expect((await consumerState('fleet-api')).failures - failuresBefore).toBe(0);
  await query(`update policies set enabled = false`);
});
