import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

const status = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text });

test('an admin makes a policy with a window and an approval, and sees when its slots start', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/policies/new`);
  await page.getByLabel('Name').fill('Four eyes');
  await page.getByLabel('By the calendar').check();
  await page.getByLabel('Cron expression').fill('0 3 * * *');
  await page.getByLabel('Time zone').first().fill('Europe/Berlin');
  await page.getByLabel('Start rotations in a maintenance window only').check();
  await page.getByLabel('From').fill('22:00');
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview).toContainText('Every day at 03:00, Europe/Berlin');
  await expect(preview.getByRole('listitem')).toHaveCount(10);
  await page.getByLabel('To').fill('22:05');
  await page.getByLabel('Approvals').selectOption('One');
  await page.getByLabel('Grace period: unit').selectOption('hours');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await expect(page.getByText(/The window is open for 5 minutes/)).toBeVisible();
  await page.getByLabel('To').fill('04:00');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await page.waitForURL('**/policies');
  const row = page.getByRole('listitem').filter({ hasText: 'Four eyes' });
  await expect(row).toContainText('from 22:00 to 04:00, UTC.');
  await expect(row).toContainText('Wants one approval.');
});

test('a policy is changed for all its credentials, with what it says filled in', async ({ page }) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/policies`);
  await page.getByRole('link', { name: 'Four eyes' }).click();
  await expect(page.getByLabel('Cron expression')).toHaveValue('0 3 * * *');
  await expect(page.getByLabel('From')).toHaveValue('22:00');
  await expect(page.getByLabel('Approvals')).toHaveValue('1');
  await page.getByLabel('Blackouts').fill('2026-12-20 2027-01-03 Year end');
  await page.getByLabel('Grace period', { exact: true }).fill('2');
  await page.getByRole('button', { name: 'Save for all its credentials' }).click();
  await page.waitForURL('**/policies');
  const row = page.getByRole('listitem').filter({ hasText: 'Four eyes' });
  await expect(row).toContainText('Not in one blackout.');
  await expect(row).toContainText('The old version is kept for 2 hours.');
  await page.getByRole('link', { name: 'Four eyes' }).click();
  await expect(page.getByLabel('Blackouts')).toHaveValue('2026-12-20 2027-01-03 Year end');
});

test('a rotation waits until somebody else has read its plan and approved it', async ({
  browser,
  operator: page,
}) => {
  const [policy] = await query<{ id: string }>(`select id from policies where name = 'Four eyes'`);
  await query(
    `insert into policy_assignments (credential_id, policy_id)
     select id, $1 from credentials where name = 'report-builder'
     on conflict (credential_id) do update set policy_id = excluded.policy_id`,
    [policy?.id],
  );
  await page.getByRole('link', { name: 'report-builder', exact: true }).click();
  await expect(await openRotateSheet(page)).toContainText(
    'Nothing is changed before another person has approved this plan.',
  );
  await expect(page.getByRole('dialog')).toContainText('SurfaceScout (sample) is ready.');
  await expect(page.getByRole('dialog')).toContainText('Env file (sample) is ready.');
  await rotateFromSheet(page, 'Request approval');
  await page.waitForURL('**/rotations/*');
  await expect(page.getByText('Held: It waits for other people to approve its plan.')).toBeVisible();

  const other = await browser.newContext();
  const approver = await other.newPage();
  await signIn(approver, 'admin@example.test');
  await approver.getByRole('link', { name: 'Approvals' }).click();
  await approver.waitForURL('**/approvals');
  await approver.getByRole('link', { name: 'report-builder' }).click();
  await expect(approver.getByRole('heading', { name: 'The plan' })).toBeVisible();
  await expectAccessible(approver, 'an approval');
  await approver.getByRole('button', { name: 'Approve this plan' }).click();
  await expect(approver.getByText('It does not wait for an approval any more.')).toBeVisible();
  await other.close();
  await expect(status(page, 'Rotation completed.')).toBeAttached({ timeout: 20_000 });
});
