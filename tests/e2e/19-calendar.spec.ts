import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { createUser, expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

const admin = 'calendar-admin@example.test';

/** `2027-01-05T04:00`, as a `datetime-local` input takes it. */
const local = (at: Date) => at.toISOString().slice(0, 16);

async function fleetSchedule(page: Page): Promise<void> {
  const [credential] = await query<{ id: string }>(`select id from credentials where name = 'fleet-api'`);
  await page.goto(`${stack.url}/credentials/${credential?.id}/schedule`);
}

test('the preview marks where clocks change, and rules that collide are refused with a sentence', async ({
  page,
}) => {
  await createUser(page, admin, 'admin');
  await signIn(page, admin);
  await query(`delete from policy_assignments`);
  await page.goto(`${stack.url}/policies/new`);
  await page.getByLabel('Name').fill('Monthly nights');
  await page.getByLabel('By the calendar').check();
  await page.getByLabel('Cron expression').fill('0 3 1 * *');
  await page.getByLabel('Time zone').first().fill('Europe/Berlin');
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.getByRole('listitem')).toHaveCount(10);
  await expect(preview.getByText('clocks have changed')).not.toHaveCount(0);
  await page.getByLabel('Greatest age', { exact: true }).fill('7');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await expect(page.getByText(/may be 7 days old, but the next slot comes after/)).toBeVisible();
  await page.getByLabel('Rotate at the greatest age').check();
  await page.getByLabel('Greatest age', { exact: true }).fill('400');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await page.waitForURL('**/policies');
  await expect(page.getByRole('listitem').filter({ hasText: 'Monthly nights' })).toContainText(
    'A secret may be 400 days old, and is rotated then.',
  );
});

test('a credential is given a policy with its first run at a time, and its next run is moved', async ({
  page,
}) => {
  await signIn(page, admin);
  await fleetSchedule(page);
  await page.getByLabel('Monthly nights').check();
  await page.getByLabel('At a time').check();
  await page.getByLabel('Day and time').fill('2020-01-01T03:00');
  await page.getByRole('button', { name: 'Give it this policy' }).click();
  await expect(page.getByText(/Nothing was saved. Correct what is marked above./)).toBeVisible();
  const [{ now } = { now: new Date() }] = await query<{ now: Date }>('select rekey_now() as now');
  const inTwoDays = new Date(now.getTime() + 2 * 86_400_000);
  await page.getByLabel('Day and time').fill(local(inTwoDays));
  await page.getByRole('button', { name: 'Give it this policy' }).click();
  await expect(page.getByText(/rotates first on/)).toBeVisible();

  await fleetSchedule(page);
  await page.getByLabel('Move it to').fill(local(new Date(now.getTime() + 3 * 86_400_000)));
  await page.getByRole('button', { name: 'Move the next rotation' }).click();
  await expect(page.getByText('The next rotation is moved.')).toBeVisible();
  await expectAccessible(page, 'a schedule with a next run');
  const [moved] = await query<{ moved_by: string; due_at: Date }>(
    'select moved_by, due_at from policy_assignments',
  );
  expect(moved?.moved_by).toBe('hand');
  expect(moved?.due_at.getTime()).toBeGreaterThan(inTwoDays.getTime());
});

test('what a change of a policy does is shown before it is saved', async ({ page }) => {
  await signIn(page, admin);
  await page.goto(`${stack.url}/policies`);
  await page.getByRole('link', { name: 'Monthly nights' }).click();
  const changes = page.getByRole('region', { name: 'What changes' });
  await expect(changes).toContainText('Nothing yet.');
  await page.getByLabel('Blackouts').fill('2026-12-20 2027-01-03 Year end');
  await expect(changes).toContainText('2026-12-20 2027-01-03 Year end');
  await expect(changes).toContainText('1 credential has this policy. Their next slots stay, and may start');
  await page.getByLabel('Cron expression').fill('0 4 1 * *');
  await expect(changes).toContainText('On day 1 of every month at 04:00, Europe/Berlin');
  await expectAccessible(page, 'a policy with changes');
});

test('the calendar shows a month and a list of the same runs, with its state in the address', async ({
  page,
}) => {
  await signIn(page, admin);
  await query(`insert into policy_assignments (credential_id, policy_id, slot, due_at)
    select c.id, a.policy_id, a.due_at, a.due_at + interval '20 minutes' from credentials c, policy_assignments a
     where c.name = 'survey-importer'`);
  await query(`update credentials set labels = '{app:shop}' where name in ('fleet-api', 'survey-importer')`);
  const [{ month } = { month: '' }] = await query<{ month: string }>(
    `select to_char(due_at at time zone 'UTC', 'YYYY-MM') as month from policy_assignments limit 1`,
  );
  await page.goto(`${stack.url}/calendar?month=${month}`);
  await expect(page.getByRole('table')).toContainText('fleet-api');
  await expect(page.getByText('Collides:').or(page.getByLabel('Collides:')).first()).toBeVisible();
  await expectAccessible(page, 'the calendar, a month');
  await query(`update credentials set paused_at = rekey_now() where name = 'fleet-api'`);
  await page.reload();
  await expect(page.getByRole('table').getByLabel('Paused, would be skipped now:').first()).toBeVisible();
  await query(`update credentials set paused_at = null where name = 'fleet-api'`);
  await expect(page).toHaveURL(/zone=Europe%2FBerlin/);
  await page.getByRole('link', { name: 'List' }).click();
  await page.waitForURL(/view=list/);
  await expect(page.getByRole('table')).toHaveCount(0);
  await expect(page.getByRole('listitem').filter({ hasText: 'fleet-api rotates' }).first()).toBeVisible();
  await expect(page.getByText('at a time that a person chose').first()).toBeVisible();
  await expectAccessible(page, 'the calendar, a list');
  await page.setViewportSize({ width: 375, height: 800 });
  await page.goto(`${stack.url}/calendar?month=${month}`);
  await expect(page.getByRole('table')).toBeHidden();
  await expect(page.getByRole('heading', { level: 3 }).first()).toBeVisible();
  await expectAccessible(page, 'the calendar on a phone');
});

test('a policy is switched off and on, and archived with its credentials told first', async ({ page }) => {
  await signIn(page, admin);
  await page.goto(`${stack.url}/policies`);
  await page.getByRole('link', { name: 'Monthly nights' }).click();
  await page.getByRole('button', { name: 'Switch off' }).click();
  await expect(page.getByText('It is off: none of its credentials rotates by it.')).toBeVisible();
  await expectAccessible(page, 'a policy that is off');
  await page.getByRole('button', { name: 'Switch on' }).click();
  await expect(page.getByRole('button', { name: 'Switch off' })).toBeVisible();
  await page.getByRole('button', { name: 'Archive…' }).click();
  await expect(page.getByText(/2 credentials lose it, and rotate only when somebody asks/)).toBeVisible();
  await page.getByRole('button', { name: 'Archive Monthly nights' }).click();
  await page.waitForURL('**/policies');
  await expect(page.getByRole('link', { name: 'Monthly nights' })).toHaveCount(0);
  expect(await query('select 1 from policy_assignments')).toEqual([]);
  await query(`update credentials set labels = '{}'`);
});
