import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

const run = promisify(execFile);
const folder = path.join(stack.sampleDir, 'bulk');
const names = [1, 2, 3, 4, 5, 6, 7].map((n) => `bulk-${n}`);
const file = (name: string) => path.join(folder, `${name}.env`);

test.beforeAll(async () => {
  await run(process.execPath, ['--import', 'tsx', 'tests/e2e/support/bulk-credentials.ts', folder], {
    env: { ...process.env, ...stack.env, REKEY_FILE_ROOTS: stack.sampleDir },
  });
});

const isOff = 'The policy is off: nothing rotates by it until it is switched on.';

const openList = (page: Page) => page.goto(`${stack.url}/credentials?owner=Bulk+team`);

async function choose(page: Page, ...some: string[]) {
  for (const name of some) await page.getByRole('checkbox', { name: `Choose ${name}`, exact: true }).check();
}

async function openSheet(page: Page, button: string): Promise<Locator> {
  await page.getByRole('button', { name: button }).click();
  return page.getByRole('dialog');
}

const progress = (page: Page) => page.getByRole('region', { name: 'Progress' });
const member = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });

test('an operator rotates all that fit a filter as one batch: each is named, their number is typed, and progress is live', async ({
  operator: page,
}) => {
  const before = names.map((name) => fs.readFileSync(file(name), 'utf8'));
  await openList(page);
  await page.getByRole('checkbox', { name: 'Choose all on this page' }).check();
  await expect(page.getByText('7 credentials chosen')).toBeVisible();
  const sheet = await openSheet(page, 'Rotate…');
  for (const name of names) await expect(sheet.getByText(name, { exact: true })).toBeVisible();
  await expect(sheet.getByRole('status')).toContainText('Rotates 7 credentials, at most 5 at a time.');
  await sheet.getByLabel('At the same time').fill('2');
  await expect(sheet.getByRole('status')).toContainText('at most 2 at a time.');
  await expectAccessible(page, 'the sheet of a batch');
  await sheet.getByLabel('Reason').fill('A laptop was stolen');
  await sheet.getByLabel('Type 7 to rotate 7 credentials').fill('6');
  await sheet.getByRole('button', { name: 'Rotate 7' }).click();
  // The browser keeps the form until the number is right.
  await expect(sheet).toBeVisible();
  expect(await query('select 1 from batches')).toEqual([]);
  await sheet.getByLabel('Type 7 to rotate 7 credentials').fill('7');
  await sheet.getByRole('button', { name: 'Rotate 7' }).click();
  await page.waitForURL('**/batches/*');
  await expect(page.getByRole('heading', { name: 'A laptop was stolen' })).toBeVisible();
  await expect(page.getByText('Overlaps last as each policy says, or a day.')).toBeVisible();
  await expect(progress(page)).toContainText('7 of 7 have their new secret in use', { timeout: 60_000 });
  await expect(page.getByText('Completed', { exact: true }).first()).toBeVisible();
  await expectAccessible(page, 'a completed batch');
  const after = names.map((name) => fs.readFileSync(file(name), 'utf8'));
  expect(after.filter((text, index) => text === before[index])).toEqual([]);
  const rotations = await query<{ n: number }>(
    `select count(*)::int as n from rotations r join credentials c on c.id = r.credential_id
      where c.name like 'bulk-%' group by c.id`,
  );
  expect(rotations.map(({ n }) => n)).toEqual([1, 1, 1, 1, 1, 1, 1]);
});

test('a batch stops at the first failure and says where; a person lets it go on, and repairs the rotation', async ({
  operator: page,
}) => {
  const good = fs.readFileSync(file('bulk-2'), 'utf8');
  fs.writeFileSync(file('bulk-2'), 'VALUE="never closed\n');
  await openList(page);
  await choose(page, 'bulk-1', 'bulk-2', 'bulk-3');
  const sheet = await openSheet(page, 'Rotate…');
  await sheet.getByLabel('At the same time').fill('1');
  await expect(sheet.getByRole('status')).toContainText('at most 1 at a time.');
  await sheet.getByLabel('Reason').fill('A drill');
  await sheet.getByRole('button', { name: 'Rotate 3' }).click();
  await page.waitForURL('**/batches/*');
  const batch = page.url();
  await expect(page.getByText('Stopped', { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('bulk-2 failed:')).toBeVisible();
  await expect(member(page, 'bulk-1')).toContainText('Completed');
  await expect(member(page, 'bulk-2')).toContainText('Held');
  await expect(member(page, 'bulk-3')).toContainText('Not started');
  await expectAccessible(page, 'a stopped batch');
  await page.getByRole('button', { name: 'Go on with 1 credential' }).click();
  await expect(member(page, 'bulk-3')).toContainText('Completed', { timeout: 60_000 });
  await page.getByRole('link', { name: 'Rotation of bulk-2' }).click();
  await page.waitForURL('**/rotations/*');
  fs.writeFileSync(file('bulk-2'), good);
  await page.getByRole('button', { name: 'Resume' }).first().click();
  await expect(page.getByRole('status').filter({ hasText: 'Rotation completed.' })).toBeAttached({
    timeout: 60_000,
  });
  await page.goto(batch);
  await expect(progress(page)).toContainText('3 of 3 have their new secret in use');
  await expect(page.getByText('Completed', { exact: true }).first()).toBeVisible();
});

test('a list that changed after it was read is not started but shown again', async ({ operator: page }) => {
  await openList(page);
  await choose(page, 'bulk-4', 'bulk-5');
  const sheet = await openSheet(page, 'Rotate…');
  await expect(sheet.getByRole('heading', { name: 'Rotated, in this order' })).toBeVisible();
  await query(`update credentials set paused_at = rekey_now() where name = 'bulk-5'`);
  await sheet.getByLabel('Reason').fill('Too late');
  await sheet.getByRole('button', { name: 'Rotate 2' }).click();
  await expect(sheet.getByRole('alert')).toContainText('The list has changed since it was read');
  await expect(sheet.getByRole('heading', { name: 'Left as they are' })).toBeVisible();
  await expect(sheet.getByRole('listitem').filter({ hasText: 'bulk-5' })).toContainText('It is paused');
  await expect(sheet.getByRole('button', { name: 'Rotate 1' })).toBeEnabled();
  await query(`update credentials set paused_at = null where name = 'bulk-5'`);
});

test('old secrets are kept as each policy says, and as long as a person chooses for all', async ({
  operator: page,
}) => {
  await query(
    `insert into credentials (id, name, issuer_id, place, environment, owner)
     select gen_random_uuid(), 'kept-' || n, i.id, jsonb_build_object('clientId', 'kept-' || n), 'staging', 'Keeping team'
       from issuers i, generate_series(1, 2) n where i.name = 'SurfaceScout (sample)'`,
  );
  await query(
    `insert into policy_assignments (credential_id, policy_id)
     select c.id, p.id from credentials c, policies p
      where c.name = 'kept-1' and p.name = 'Quarterly (bulk)'`,
  );
  await page.goto(`${stack.url}/credentials?owner=Keeping+team`);
  await choose(page, 'kept-1', 'kept-2');
  const sheet = await openSheet(page, 'Rotate…');
  const line = (name: string) => sheet.getByRole('listitem').filter({ hasText: name });
  const overlap = sheet.getByLabel('Overlap');
  await expect(overlap.getByRole('option', { selected: true })).toHaveText('As each policy says, or a day');
  await expect(line('kept-1')).toContainText('The old version is kept for 1 minute.');
  await expect(line('kept-2')).toContainText('The old version is kept for 1 day.');
  await overlap.selectOption('3 days');
  await expect(line('kept-1')).toContainText('The old version is kept for 3 days.');
  await expect(line('kept-2')).toContainText('The old version is kept for 3 days.');
  await overlap.selectOption('As each policy says, or a day');
  await expect(line('kept-1')).toContainText('The old version is kept for 1 minute.');
  await expectAccessible(page, 'the sheet of a batch with overlaps');
  await query(
    `delete from policy_assignments a using credentials c where c.id = a.credential_id and c.name like 'kept-%'`,
  );
  await query(`delete from credentials where name like 'kept-%'`);
});

test('several credentials are paused and put under a policy together, and each says what came of it', async ({
  operator: page,
}) => {
  await openList(page);
  await choose(page, 'bulk-4', 'bulk-5');
  const pause = await openSheet(page, 'Pause…');
  await pause.getByLabel('Reason').fill('A change freeze');
  await pause.getByRole('button', { name: 'Pause 2' }).click();
  await expect(pause.getByRole('alert')).toContainText('Paused: 2 of 2.');
  await pause.getByRole('button', { name: 'Close' }).last().click();
  await openList(page);
  await choose(page, 'bulk-5', 'bulk-6');
  const again = await openSheet(page, 'Pause…');
  await again.getByLabel('Reason').fill('A change freeze');
  await again.getByRole('button', { name: 'Pause 2' }).click();
  await expect(again.getByRole('alert')).toContainText('Paused: 1 of 2.');
  await expect(again.getByRole('listitem').filter({ hasText: 'bulk-5' })).toContainText('is paused already');
  await expect(again.getByRole('listitem').filter({ hasText: 'bulk-6' })).toContainText('Paused.');
  await query(`update credentials set paused_at = null where name like 'bulk-%'`);

  await openList(page);
  await choose(page, 'bulk-6', 'bulk-7');
  const assign = await openSheet(page, 'Assign policy…');
  await assign.getByLabel('Policy').selectOption('Quarterly (bulk)');
  await expect(assign.getByText(isOff)).toHaveCount(0);
  await expectAccessible(page, 'the sheet of a policy');
  await assign.getByRole('button', { name: 'Assign to 2' }).click();
  await expect(assign.getByRole('alert')).toContainText('Assigned: 2 of 2.');
  const assigned = await query<{ name: string }>(
    `select c.name from policy_assignments a join credentials c on c.id = a.credential_id
       join policies p on p.id = a.policy_id where p.name = 'Quarterly (bulk)' order by 1`,
  );
  expect(assigned.map(({ name }) => name)).toEqual(['bulk-6', 'bulk-7']);
});

test('a policy that is off says before the click that nothing rotates by it, and afterwards too', async ({
  operator: page,
}) => {
  await query(`update policies set enabled = false where name = 'Quarterly (bulk)'`);
  await openList(page);
  await choose(page, 'bulk-6', 'bulk-7');
  const assign = await openSheet(page, 'Assign policy…');
  await assign.getByLabel('Policy').selectOption('Quarterly (bulk) (off: nothing rotates by it)');
  await expect(assign.getByRole('alert')).toContainText(isOff);
  await expectAccessible(page, 'the sheet of a policy that is off');
  await assign.getByRole('button', { name: 'Assign to 2' }).click();
  await expect(assign.getByRole('alert')).toContainText(`Assigned: 2 of 2. ${isOff}`);
  await assign.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('link', { name: 'bulk-6', exact: true }).click();
  await expect(page.getByText(isOff)).toBeVisible();
  await page.getByRole('link', { name: 'Choose another policy' }).click();
  await expect(page.getByRole('alert').filter({ hasText: isOff })).toBeVisible();
  await expect(page.getByRole('group', { name: 'First rotation' })).toHaveCount(0);
  await expectAccessible(page, 'a schedule whose policy is off');
  await query(`update policies set enabled = true where name = 'Quarterly (bulk)'`);
  await page.reload();
  await expect(page.getByRole('group', { name: 'First rotation' })).toBeVisible();
});

test('rows are chosen by keyboard, on a phone too, and a batch is found from the rotations', async ({
  browser,
}) => {
  const context = await browser.newContext({ viewport: { width: 375, height: 800 }, colorScheme: 'dark' });
  const page = await context.newPage();
  await signIn(page, 'operator@example.test');
  await openList(page);
  await page.getByRole('checkbox', { name: 'Choose bulk-1', exact: true }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByText('1 credential chosen')).toBeVisible();
  await expectAccessible(page, 'credentials, some chosen');
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByText('1 credential chosen')).toHaveCount(0);
  await page.goto(`${stack.url}/rotations`);
  await page.getByRole('link', { name: 'Batches', exact: true }).click();
  await page.waitForURL('**/batches');
  await page.getByRole('link', { name: 'Completed' }).click();
  await expect(page.getByRole('link', { name: 'A laptop was stolen' })).toBeVisible();
  await expectAccessible(page, 'batches');
  await context.close();
});

test('a viewer is offered nothing to choose', async ({ page }) => {
  await signIn(page, 'viewer@example.test');
  await openList(page);
  await expect(page.getByRole('link', { name: 'bulk-1', exact: true })).toBeVisible();
  await expect(page.getByRole('checkbox')).toHaveCount(0);
});
