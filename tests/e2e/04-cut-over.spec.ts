import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import {
  askToken,
  consumerState,
  expect,
  query,
  secretInFile,
  stack,
  test,
} from '#tests/e2e/support/stack.ts';

test('a cut-over fails nothing before the switch and nothing after the confirmation, and its gap is the one the application saw', async ({
  operator: page,
}) => {
  const before = await consumerState('survey-importer');
  const old = secretInFile('survey-importer');
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'survey-importer', exact: true }).click();
  const dialog = await openRotateSheet(page);
  await expect(dialog).toContainText(/Gap: about \d+ s, estimated/);
  await expect(dialog).toContainText('The moment the issuer replaces the secret');
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  await expect(page.getByText('Completed').first()).toBeVisible();
  await expect(page.getByText(/The gap was .*, predicted about \d+ s\./)).toBeVisible();

  expect(await askToken('survey-importer', old)).toEqual({ status: 401, error: 'invalid_client' });
  expect(await askToken('survey-importer', secretInFile('survey-importer'))).toMatchObject({ status: 200 });

  // Other specs have moved the database's clock; the application's own is the real one.
  const [row] = await query<{ started: Date; ended: Date }>(
    `select gap_started_at - shift as started, gap_ended_at - shift as ended from test_clock, rotations r
       join credentials c on c.id = r.credential_id where c.name = 'survey-importer'`,
  );
  const started = row?.started.getTime() ?? 0;
  const ended = row?.ended.getTime() ?? 0;
  // Two more requests, so that a gap that is still open has had its next try.
  const atEnd = (await consumerState('survey-importer')).requests;
  await expect.poll(async () => (await consumerState('survey-importer')).requests).toBeGreaterThan(atEnd + 1);
  const after = await consumerState('survey-importer');
  const seen = after.gaps.slice(before.gaps.length);
  // The application asks every 250 ms, so it sees each end of the gap up to one interval and one slow request late.
  const tolerance = 4 * after.intervalMs;
  expect(seen.every((gap) => gap.to !== null)).toBe(true);
  for (const gap of seen) {
    expect(new Date(gap.from).getTime()).toBeGreaterThanOrEqual(started - tolerance);
    expect(new Date(gap.to ?? '').getTime()).toBeLessThanOrEqual(ended + tolerance);
    const measured = ended - started;
    const logged = new Date(gap.to ?? '').getTime() - new Date(gap.from).getTime();
    expect(Math.abs(measured - logged)).toBeLessThanOrEqual(tolerance);
  }
  expect(after.failures - before.failures).toBe(seen.reduce((sum, gap) => sum + gap.failures, 0));
});
