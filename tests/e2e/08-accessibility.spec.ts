import fs from 'node:fs';
import type { Page } from '@playwright/test';
import { consolePages } from '#scripts/console-pages.ts';
import { expectAccessible, expectRoom } from '#tests/e2e/support/accessible.ts';
import { overlaps } from '#tests/e2e/support/overlaps.ts';
import { openRotateSheet } from '#tests/e2e/support/rotate.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

/** Each page once, theme and width taking turns; with `npm test -- --all` every page in all four. */
const views = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 375 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 375 },
] as const;

const pages = () =>
  consolePages(async (sql) => {
    const [row] = await query<{ id: string }>(sql);
    return row?.id;
  });

/** Walked where there is something to see on them. */
const elsewhere: Record<string, string> = {
  '/': 'leads on to the overview',
  '/settings': 'leads on to its first page',
  '/sign-in': 'the test below',
  '/welcome': 'the test below',
  '/approvals/[id]': '15-approvals',
  '/batches/[id]': '28-bulk',
  '/developer-tools/[id]': '17-developer-tools',
  '/notifiers/[id]': '33-change-bindings',
  '/developer-tools/webhooks/[id]': '29-webhook-endpoints',
};

test('every page that there is is among those which are walked', async () => {
  const walked = (await pages()).map(({ path }) => path.replace(/\?.*/, ''));
  const routes = fs
    .readdirSync('app', { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)page\.tsx$/.test(file))
    .map((file) => `/${file.split('/').slice(0, -1).join('/')}`.replace(/\/\([^)]*\)/g, '') || '/');
  expect(routes.length).toBeGreaterThan(30);
  const missed = routes
    .filter((route) => !(route in elsewhere))
    .filter((route) => {
      const pattern = new RegExp(`^${route.replace(/\[\w+\]/g, '(?!new$)[^/]+')}$`);
      return !walked.some((path) => pattern.test(path));
    });
  expect(missed).toEqual([]);
});

test('no page and no dialog has an accessibility violation (WCAG 2.2 AA) or scrolls sideways', async ({
  browser,
}) => {
  test.setTimeout(900_000);
  const all = await pages();
  // One session for each view, so that the time goes into looking and not into signing in.
  for (const [turn, { colorScheme, width }] of views.entries()) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    await signIn(page, 'admin@example.test');
    const chosen = all.filter((_, index) => process.env.REKEY_ALL_VIEWS || index % views.length === turn);
    for (const { name, path } of chosen) {
      await page.goto(`${stack.url}${path}`);
      await expectAccessible(page, `${name}, ${colorScheme}, ${width} px`);
    }
    if (process.env.REKEY_ALL_VIEWS || turn < 2) {
      await page.goto(`${stack.url}${all.find(({ name }) => name === 'a credential')?.path}`);
      await openRotateSheet(page);
      await expectAccessible(page, `the rotate sheet, ${colorScheme}, ${width} px`);
    }
    await context.close();
  }
});

test('every page has room at 320 px and at twice its size, and no text lies over another (WCAG 1.4.4, 1.4.10)', async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const all = await pages();
  for (const { what, width, deviceScaleFactor } of [
    { what: '320 px', width: 320, deviceScaleFactor: 1 },
    { what: '1280 px at 200 %', width: 640, deviceScaleFactor: 2 },
  ]) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, deviceScaleFactor });
    const page = await context.newPage();
    await signIn(page, 'admin@example.test');
    for (const { name, path } of all) {
      await page.goto(`${stack.url}${path}`);
      await expectRoom(page, `${name}, ${what}`);
    }
    await context.close();
  }
});

/** Shows a spinner and what the tray opens, and answers what moves. */
async function whatMoves(page: Page): Promise<string[]> {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/overview`);
  await page.getByRole('button', { name: /^Open rotations/ }).click();
  await expect(page.getByText('Open rotations', { exact: true })).toBeVisible();
  return page.evaluate(() => {
    const spinner = document.createElement('i');
    spinner.className = 'animate-spin';
    document.body.append(spinner);
    return document
      .getAnimations()
      .filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 10)
      .map(({ effect }) => String(effect instanceof KeyframeEffect && effect.target?.getAttribute('class')));
  });
}

test('with reduced motion nothing on a page moves', async ({ browser }) => {
  const calm = await browser.newContext({ reducedMotion: 'reduce' });
  expect(await whatMoves(await calm.newPage())).toEqual([]);
  await calm.close();
  const lively = await browser.newContext();
  expect(await whatMoves(await lively.newPage())).toContain('animate-spin');
  await lively.close();
});

test('text over text is seen, and a bar that stays over what scrolls is none', async ({ page }) => {
  const over = (how: string) => `<p>The first sentence.</p><p style="${how}">The second one.</p>`;
  await page.setContent(over('margin-top: -2rem'));
  expect(await overlaps(page)).toEqual(['"The first sentence." and "The second one."']);
  await page.setContent(over('position: fixed; top: 0'));
  expect(await overlaps(page)).toEqual([]);
  await page.setContent(over(''));
  expect(await overlaps(page)).toEqual([]);
});

test('the pages before sign-in have no accessibility violation', async ({ browser }) => {
  for (const { colorScheme, width } of views) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    for (const path of ['/sign-in', '/welcome', '/welcome#a-link']) {
      await page.goto('about:blank');
      await page.goto(`${stack.url}${path}`);
      await expectAccessible(page, `${path}, ${colorScheme}, ${width} px`);
    }
    await context.close();
  }
});

test('the rotate dialog takes the focus, keeps it, and gives it back', async ({ operator: page }) => {
  const [credential] = await query<{ id: string }>(`select id from credentials where name = 'fleet-api'`);
  await page.goto(`${stack.url}/credentials/${credential?.id}`);
  const trigger = page.getByRole('button', { name: 'Rotate' });
  await trigger.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region', { name: 'Preflight' }).getByRole('listitem').first()).toBeVisible();
  const isWithin = () => dialog.evaluate((element) => element.contains(document.activeElement));
  for (let n = 0; n < 15; n += 1) {
    await page.keyboard.press('Tab');
    // From its last element the focus comes back to its first one by way of a guard.
    await expect.poll(isWithin).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(trigger).toBeFocused();
});
