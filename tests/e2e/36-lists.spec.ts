import type { Browser, Page } from '@playwright/test';
import { usersOf } from '#lib/told-sockets.ts';
import { expectRoom } from '#tests/e2e/support/accessible.ts';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { createUser, expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

// The lists show the rotation of the first test.
test.describe.configure({ mode: 'serial' });

const admin = 'lists-admin@example.test';
const open = (page: Page, path: string) => page.goto(`${stack.url}${path}`);

async function signedIn(browser: Browser, how: Parameters<Browser['newContext']>[0]): Promise<Page> {
  const page = await (await browser.newContext(how)).newPage();
  await signIn(page, admin);
  return page;
}

/** Goes to the page of a credential. */
async function goTo(page: Page, name: string, asked = ''): Promise<string> {
  const [credential] = await query<{ id: string }>('select id from credentials where name = $1', [name]);
  await open(page, `/credentials/${credential?.id}${asked}`);
  return credential?.id ?? '';
}

test.beforeAll(async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await createUser(page, admin, 'admin');
  await page.context().close();
  await query(
    `with made as (
       insert into batches (id, state, max_concurrency, stop_on_failure, grace_seconds, reason, list_digest, started_by)
       values (gen_random_uuid(), 'stopped', 2, true, 60, 'Somebody left (lists spec)', 'spec', '{"name":"Ada Lovelace"}')
       returning id)
     insert into batch_members (batch_id, credential_id, position, expected_seconds)
     select made.id, c.id, 1, 10 from made, credentials c where c.name = 'fleet-api'`,
  );
});

test.afterAll(async () => {
  await query(
    `delete from batch_members where batch_id in (select id from batches where list_digest = 'spec')`,
  );
  await query(`delete from batches where list_digest = 'spec'`);
});

test('a rotation shows in the history with what people ask of it, its steps are one click away, and the audit log has all', async ({
  page,
}) => {
  await signIn(page, admin);
  await goTo(page, 'survey-importer');
  await openRotateSheet(page);
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  await expect(page.getByRole('status').filter({ hasText: 'Rotation completed.' })).toBeAttached();

  const id = await goTo(page, 'survey-importer');
  const history = page.getByRole('region', { name: 'History' });
  await expect(history).toContainText('The rotation is complete');
  await expect(history).toContainText('became the current version.');
  await expect(history).toContainText('Asked for a rotation of survey-importer');
  await expect(history).not.toContainText(/began\.|succeeded\./);
  await history.getByRole('link', { name: 'With every step' }).click();
  await expect(history).toContainText('succeeded.');
  await expect(page).toHaveURL(/history=steps/);
  await history.getByRole('link', { name: 'What happened' }).click();
  await expect(history).not.toContainText('succeeded.');
  await history.getByRole('link', { name: 'All in the audit log' }).click();
  await expect(page).toHaveURL(new RegExp(`/audit\\?q=credential.*${id}`));
  await expect(page.getByRole('row').filter({ hasText: 'step.succeeded' }).first()).toBeVisible();
});

const lists = [
  { path: '/credentials', row: 'fleet-api', whole: 8, fewer: 5, said: ['production', /\bv\d+\b/] },
  { path: '/rotations', row: 'survey-importer', whole: 7, fewer: 5, said: ['→'] },
  { path: '/batches', row: 'Somebody left', whole: 7, fewer: 5, said: ['Ada Lovelace'] },
  { path: '/audit', row: 'rotation.requested', whole: 6, fewer: 4, said: ['survey-importer'] },
];

test('at 1024 px the lists are tables that tell all they tell on wide screens, and cards on a phone only', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const page = await signedIn(browser, {});
  for (const { path, row: name, whole, fewer, said } of lists) {
    for (const { width, columns } of [
      { width: 1440, columns: whole },
      { width: 1280, columns: whole },
      { width: 1024, columns: fewer },
      { width: 375, columns: 0 },
    ]) {
      const what = `${path} at ${width} px`;
      await page.setViewportSize({ width, height: 900 });
      await open(page, path);
      const row = page.getByRole('row').filter({ hasText: name }).first();
      const block = page.locator('tbody tr').filter({ hasText: name }).first();
      await expect(columns === 0 ? block : row, what).toBeVisible();
      expect(await block.evaluate((element) => getComputedStyle(element).display), what).toBe(
        columns === 0 ? 'flex' : 'table-row',
      );
      const heads = page.locator('thead th');
      const shown = await heads.evaluateAll(
        (all) => all.filter((one) => one.getBoundingClientRect().width > 1).length,
      );
      if (columns > 0) {
        expect(shown, `columns of ${what}`).toBe(columns);
        for (const text of said) {
          await expect(
            row.getByText(text).filter({ visible: true }).first(),
            `${text}, ${what}`,
          ).toBeVisible();
        }
      }
      await expectRoom(page, what);
      const inner = await page
        .locator('table')
        .evaluate((table) => table.scrollWidth - (table.parentElement?.clientWidth ?? 0));
      expect(inner, `${what} scrolls within its box`).toBeLessThanOrEqual(0);
    }
  }
  await page.context().close();
});

test('at 200 % every list has room', async ({ browser }) => {
  for (const width of [720, 512]) {
    const page = await signedIn(browser, { viewport: { width, height: 800 }, deviceScaleFactor: 2 });
    for (const { path } of lists) {
      await open(page, path);
      await expectRoom(page, `${path}, ${width * 2} px at 200 %`);
    }
    await page.context().close();
  }
});

test('the calendar opens in the zone of the browser, then in the one that was chosen last, and an address decides for everybody', async ({
  browser,
}) => {
  const page = await signedIn(browser, { timezoneId: 'America/New_York' });
  await open(page, '/calendar');
  await expect(page).toHaveURL(/zone=America%2FNew_York/);
  await expect(page.getByText('Times in America/New_York')).toBeVisible();
  await page.getByLabel('Time zone').fill('Asia/Tokyo');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByText('Times in Asia/Tokyo')).toBeVisible();
  await open(page, '/calendar?view=list');
  await expect(page).toHaveURL(/view=list&zone=Asia%2FTokyo/);
  // Somebody's link shows what they saw, and changes nothing of what was chosen here.
  await open(page, '/calendar?zone=Europe/Berlin');
  await expect(page.getByText('Times in Europe/Berlin')).toBeVisible();
  await open(page, '/calendar');
  await expect(page.getByText('Times in Asia/Tokyo')).toBeVisible();
  await page.getByRole('link', { name: 'Show in America/New_York' }).click();
  await expect(page.getByText('Times in America/New_York')).toBeVisible();
  await open(page, '/calendar');
  await expect(page).toHaveURL(/zone=America%2FNew_York/);
  await page.context().close();
});

test('a zone that does not exist is neither opened in nor remembered for good', async ({ browser }) => {
  const page = await signedIn(browser, { timezoneId: 'Europe/Berlin' });
  await open(page, '/calendar');
  await page.getByLabel('Time zone').fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByText('Times in UTC')).toBeVisible();
  await open(page, '/calendar');
  await expect(page.getByText('Times in Europe/Berlin')).toBeVisible();
  await page.context().close();
});

test('a link amid a sentence breaks with its words, so that no gap comes before a comma', async ({
  browser,
}) => {
  const page = await signedIn(browser, { viewport: { width: 375, height: 800 } });
  await open(page, '/batches?state=running');
  const link = page.getByRole('link', { name: 'the list of credentials' });
  await expect(link).toBeVisible();
  const gap = await link.evaluate((element) => {
    const [last] = [...element.getClientRects()].reverse();
    const after = document.createRange();
    const rest = element.nextSibling;
    if (rest === null || last === undefined) return Number.NaN;
    after.setStart(rest, 0);
    after.setEnd(rest, 1);
    return after.getBoundingClientRect().left - last.right;
  });
  expect(gap).toBeLessThan(2);
  await page.context().close();
});

test('the console that runs is known to whoever would build beside it', async () => {
  expect(await usersOf('.next')).toContainEqual(expect.stringContaining(stack.url));
});
