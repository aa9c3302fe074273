import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { alive } from '#tests/e2e/support/alive.ts';
import { expect, query, stack, test } from '#tests/e2e/support/stack.ts';

const open = (page: Page, path: string) => page.goto(`${stack.url}${path}`);

test('the palette goes to a credential, and opens the sheet before a rotation without starting one', async ({
  operator: page,
}) => {
  const before = await query('select 1 from rotations');
  await alive(page);
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('combobox', { name: 'Go to, or do' });
  await palette.fill('fleet');
  await expect(page.getByRole('option', { name: /^fleet-api/ })).toBeVisible();
  await palette.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'fleet-api' })).toBeVisible();

  await page.keyboard.press('Control+k');
  await palette.fill('rotate survey');
  await expect(page.getByRole('option', { name: /^Rotate survey-importer…/ })).toBeVisible();
  await palette.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Rotate survey-importer' })).toBeVisible();
  await expect(page).not.toHaveURL(/act=/);
  expect(await query('select 1 from rotations')).toHaveLength(before.length);
});

test('the palette opens the question before a pause', async ({ operator: page }) => {
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('combobox', { name: 'Go to, or do' }).fill('pause fleet');
  await page.getByRole('option', { name: /^Pause fleet-api…/ }).click();
  await expect(page.getByLabel('Why is this credential paused?')).toBeFocused();
});

test('keys go to places, to the search and along the rows, and can be turned off', async ({
  operator: page,
}) => {
  await alive(page);
  await page.keyboard.press('/');
  const search = page.getByRole('searchbox', { name: 'Search' });
  await expect(search).toBeFocused();
  // A letter in an input is a letter.
  await page.keyboard.press('j');
  await expect(search).toHaveValue('j');
  await search.fill('');
  await search.blur();
  await page.keyboard.press('j');
  await expect(page.locator('[data-row]').first()).toBeFocused();
  await page.keyboard.press('j');
  await expect(page.locator('[data-row]').nth(1)).toBeFocused();
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await expect(page.getByRole('heading', { level: 1, name: 'Issuers' })).toBeVisible();
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await keys.getByRole('checkbox', { name: /Single keys work/ }).uncheck();
  await page.keyboard.press('Escape');
  await expect(keys).toBeHidden();
  await page.keyboard.press('?');
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to, or do' })).toBeVisible();
  await expect(keys).toBeHidden();
  await expect(page).toHaveURL(/\/issuers$/);
});

test('the theme is in the page as the server sends it, so that it never flashes', async ({
  operator: page,
}) => {
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'system');
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const sent = await (await page.request.get(`${stack.url}/credentials`)).text();
  expect(sent).toContain('data-theme="dark"');
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
});

test('scripts and styles come as the build compressed them, and are kept for good', async ({
  operator: page,
}) => {
  const heads: Record<string, string>[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/_next/static/chunks/')) {
      heads.push(response.headers());
    }
  });
  await open(page, '/settings/about');
  expect(heads.length).toBeGreaterThan(5);
  for (const head of heads) {
    expect(head).toMatchObject({
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
  }
});

test('the environment is switched once for all lists, stands in their addresses, and a copied link shows the same', async ({
  operator: page,
  browser,
}) => {
  await query(`update credentials set environment = 'staging' where name = 'partner-portal'`);
  await open(page, '/credentials');
  await alive(page);
  await page.getByRole('combobox', { name: 'Lists show' }).selectOption('staging');
  await expect(page).toHaveURL(/environment=staging/);
  const names = () => page.locator('[data-row]').allTextContents();
  await expect.poll(names).toEqual(['partner-portal']);
  await open(page, '/rotations');
  await expect(page).toHaveURL(/\/rotations\?environment=staging/);
  await open(page, '/approvals');
  await expect(page).toHaveURL(/\/approvals\?environment=staging/);
  await expect(page.getByText('Nothing in staging waits for an approval.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Remove the filter Environment: staging' })).toBeVisible();
  // The audit log leaves nothing out silently.
  await open(page, '/audit');
  await expect(page).toHaveURL(/\/audit$/);
  await expect(page.getByText('Range: all time, the newest first.')).toBeVisible();
  // What an address says comes before the switch.
  await open(page, '/credentials?environment=production&q=portal');
  await expect(page.getByText('No credential fits this filter.')).toBeVisible();
  await page.getByRole('link', { name: 'Show all credentials' }).click();
  await expect.poll(names).toContain('fleet-api');
  await query(`update credentials set environment = 'production' where name = 'partner-portal'`);
  const other = await browser.newContext();
  await other.addCookies((await page.context().cookies()).filter(({ name }) => name.includes('session')));
  const colleague = await other.newPage();
  await colleague.goto(`${stack.url}/credentials?environment=staging`);
  await expect(colleague.getByText('No credential fits this filter.')).toBeVisible();
  await other.close();
});

test('filters and the search stand in the address, and each chip takes one back', async ({
  operator: page,
}) => {
  await alive(page);
  await page.getByRole('searchbox', { name: 'Search' }).fill('api');
  await page.getByLabel('Sort by').selectOption('age');
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page).toHaveURL(/q=api/);
  await expect(page).toHaveURL(/sort=age/);
  await expect.poll(() => page.locator('[data-row]').allTextContents()).toEqual(['fleet-api']);
  await page.getByRole('link', { name: 'Remove the filter Search: api' }).click();
  await expect(page).not.toHaveURL(/q=api/);
  await expect.poll(() => page.locator('[data-row]').count()).toBeGreaterThan(3);
  await open(page, '/credentials?state=nonsense');
  await expect(page.getByText('The address asks for something that this list does not know.')).toBeVisible();
});

test('on a phone the bar leads to every place, and whatever opens over a page is accessible in both themes', async ({
  operator: page,
}) => {
  await page.setViewportSize({ width: 375, height: 800 });
  await alive(page);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Audit' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The page that the bar led to has a search of its own.
    const bars = page.getByRole('banner').or(page.getByRole('navigation', { name: 'Main' }));
    for (const name of [/^Account/, /^Open rotations/, 'More', 'Search']) {
      await bars.getByRole('button', { name, exact: true }).click();
      await expect(page.locator('[role=menu], [role=dialog]')).toBeVisible();
      await expectAccessible(page, `${name} is open, ${colorScheme}`);
      await page.keyboard.press('Escape');
      await expect(page.locator('[role=menu], [role=dialog]')).toHaveCount(0);
    }
  }
});
