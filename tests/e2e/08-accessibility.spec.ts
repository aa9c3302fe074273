import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

/** Each page once, theme and width taking turns; with REKEY_ALL_VIEWS every page in all four. */
const views = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 375 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 375 },
] as const;

async function pages(): Promise<{ name: string; path: string; open?: string }[]> {
  const [credential] = await query<{ id: string }>(`select id from credentials where name = 'fleet-api'`);
  const [rotation] = await query<{ id: string }>(`select id from rotations order by created_at desc`);
  return [
    { name: 'the overview', path: '/overview' },
    { name: 'credentials', path: '/credentials' },
    { name: 'rotations', path: '/rotations' },
    { name: 'a credential', path: `/credentials/${credential?.id}` },
    { name: 'the rotate dialog', path: `/credentials/${credential?.id}`, open: 'Rotate' },
    { name: 'a rotation', path: `/rotations/${rotation?.id}` },
    { name: 'audit', path: '/audit' },
    { name: 'issuers', path: '/issuers' },
    { name: 'a new issuer', path: '/issuers/new?kind=surfacescout' },
    { name: 'targets', path: '/targets' },
    { name: 'a new target', path: '/targets/new' },
    { name: 'looking up a value', path: '/look-up' },
    { name: 'approvals', path: '/approvals' },
    { name: 'notifiers', path: '/notifiers' },
    { name: 'a new notifier', path: '/notifiers/new?kind=email' },
    { name: 'developer tools', path: '/developer-tools' },
    { name: 'a new API client', path: '/developer-tools/new' },
    { name: 'policies', path: '/policies' },
    { name: 'a new policy', path: '/policies/new' },
    { name: 'the calendar', path: '/calendar' },
    { name: 'an import', path: '/credentials/new' },
    { name: 'a new binding', path: `/credentials/${credential?.id}/bindings/new` },
    { name: 'a schedule', path: `/credentials/${credential?.id}/schedule` },
    { name: 'users', path: '/settings/users' },
    { name: 'sessions', path: '/settings/sessions' },
    { name: 'your account', path: '/settings/account' },
    { name: 'about', path: '/settings/about' },
    { name: 'not found', path: '/credentials/00000000-0000-4000-8000-000000000000' },
  ];
}

test('no page and no dialog has an accessibility violation (WCAG 2.2 AA) or scrolls sideways', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const all = await pages();
  // One session for each view, so that the time goes into looking and not into signing in.
  for (const [turn, { colorScheme, width }] of views.entries()) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    await signIn(page, 'admin@example.test');
    const chosen = all.filter((_, index) => process.env.REKEY_ALL_VIEWS || index % views.length === turn);
    for (const { name, path, open } of chosen) {
      await page.goto(`${stack.url}${path}`);
      if (open !== undefined) {
        await page.getByRole('button', { name: open }).click();
        await expect(page.getByRole('dialog')).toContainText('Point of no return');
      }
      await expectAccessible(page, `${name}, ${colorScheme}, ${width} px`);
    }
    await context.close();
  }
});

test('the sign-in page has no accessibility violation', async ({ page }) => {
  await page.goto(`${stack.url}/sign-in`);
  await expectAccessible(page, 'sign in');
});

test('the rotate dialog takes the focus, keeps it, and gives it back', async ({ operator: page }) => {
  const [credential] = await query<{ id: string }>(`select id from credentials where name = 'fleet-api'`);
  await page.goto(`${stack.url}/credentials/${credential?.id}`);
  const trigger = page.getByRole('button', { name: 'Rotate' });
  await trigger.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Point of no return');
  for (let n = 0; n < 15; n += 1) {
    await page.keyboard.press('Tab');
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(trigger).toBeFocused();
});
