import { codeOf, stepAt } from '#core/access/totp.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { advanceClock, expect, PASSWORD, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

/** Takes a picture where REKEY_SHOTS names a folder: pages are looked at, too. */
async function look(page: import('@playwright/test').Page, name: string): Promise<void> {
  const folder = process.env.REKEY_SHOTS;
  if (folder !== undefined) {
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, animations: 'disabled' });
  }
}

async function codeNow(secret: string): Promise<string> {
  const [row] = await query<{ now: Date }>('select rekey_now() as now');
  return codeOf(new Plaintext(secret), stepAt(row?.now ?? new Date()));
}

test('an admin invites somebody: the link is shown once, works once, and is in nothing the page was sent', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('E-mail').fill('grace@example.test');
  await page.getByLabel('Name').fill('Grace');
  await page.getByLabel('Role', { exact: true }).selectOption('approver');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await page.getByText(/\/welcome#/).innerText();
  await expectAccessible(page, 'users, with a link');
  await look(page, 'users');
  await page.reload();
  await expect(page.getByText('invited, has not chosen a password yet')).toBeVisible();
  expect(await page.content()).not.toContain(link.split('#')[1]);
  await page.goto(link);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText('You sign in as grace@example.test')).toBeVisible();
});

test('an admin makes a new link for somebody who forgot their password: it is shown once, and they choose another one', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/settings/users`);
  await page.getByRole('button', { name: 'New link for Grace' }).click();
  const link = await page.getByText(/\/welcome#/).innerText();
  await expectAccessible(page, 'users, with a new link');
  await look(page, 'new-link');
  await page.reload();
  expect(await page.content()).not.toContain(link.split('#')[1]);
  await page.goto(link);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText('You sign in as grace@example.test')).toBeVisible();
});

test('an action that takes a step-up asks for the password again, refuses a wrong one, and then goes on', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/settings/users`);
  await advanceClock('6 minutes');
  await page.getByLabel('Role of Grace').selectOption('auditor');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Is it still you?')).toBeVisible();
  await expectAccessible(page, 'the step-up dialog');
  await look(page, 'step-up');
  await dialog.getByLabel('Your password').fill('not the password');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog.getByText('This is wrong, or a code that was used already.')).toBeVisible();
  await dialog.getByLabel('Your password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel('Role of Grace')).toHaveValue('auditor');
  const rows = await query<{ action: string }>(
    `select action from audit_events where action in ('session.step_up_refused', 'session.stepped_up', 'role.changed')
      order by id desc limit 3`,
  );
  expect(rows.map(({ action }) => action)).toEqual([
    'role.changed',
    'session.stepped_up',
    'session.step_up_refused',
  ]);
});

test('a person who does not go on changes nothing', async ({ page }) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/settings/users`);
  await advanceClock('6 minutes');
  await page.getByLabel('Role of Grace').selectOption('admin');
  await page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
  await expect(page.getByText('Give your password again')).toBeVisible();
  await expect(page.getByLabel('Role of Grace')).toHaveValue('auditor');
});

test('disabling somebody signs them out at once', async ({ page, browser }) => {
  const theirs = await (await browser.newContext()).newPage();
  await signIn(theirs, 'grace@example.test');
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/settings/users`);
  await page.getByRole('button', { name: 'Disable Grace' }).click();
  await page.getByRole('button', { name: 'Really disable Grace' }).click();
  await expect(page.getByRole('button', { name: 'Enable Grace' })).toBeVisible();
  await theirs.goto(`${stack.url}/credentials`);
  await expect(theirs).toHaveURL(/\/sign-in/);
  await page.getByRole('button', { name: 'Enable Grace' }).click();
  await expect(page.getByRole('button', { name: 'Disable Grace' })).toBeVisible();
  await theirs.goto(`${stack.url}/credentials`);
  await expect(theirs).toHaveURL(/\/sign-in/);
  await theirs.context().close();
});

test('people see where they are signed in and end the other sessions', async ({ page, browser }) => {
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'viewer@example.test');
  await signIn(page, 'viewer@example.test');
  await page.goto(`${stack.url}/settings`);
  await expect(page.getByRole('heading', { name: 'Sessions' })).toBeVisible();
  await expect(page.getByText('(this one)')).toBeVisible();
  await expectAccessible(page, 'sessions');
  await look(page, 'sessions');
  await page.getByRole('button', { name: 'End all others' }).click();
  await expect(page.getByRole('button', { name: 'End all others' })).toHaveCount(0);
  await other.goto(`${stack.url}/credentials`);
  await expect(other).toHaveURL(/\/sign-in/);
  await page.reload();
  await expect(page.getByText('(this one)')).toBeVisible();
  await other.context().close();
});

test('an authenticator is added with a code, sign-in asks for one from then on, and a recovery code stands in once', async ({
  page,
}) => {
  await signIn(page, 'grace@example.test');
  await page.goto(`${stack.url}/settings/account`);
  await page.getByRole('button', { name: 'Add an authenticator' }).click();
  const secret = (await page.getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).innerText()).replaceAll(' ', '');
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  await expectAccessible(page, 'a new authenticator');
  await look(page, 'authenticator');
  await page.getByLabel('Code that it shows').fill(await codeNow(secret));
  await page.getByRole('button', { name: 'Turn it on' }).click();
  await expect(page.getByRole('list', { name: 'Recovery codes' })).toBeVisible();
  const codes = await page
    .getByRole('list', { name: 'Recovery codes' })
    .getByRole('listitem')
    .allInnerTexts();
  expect(codes).toHaveLength(10);
  await expectAccessible(page, 'recovery codes');
  await look(page, 'recovery-codes');
  await page.reload();
  await expect(page.getByText('10 of 10 recovery codes are left')).toBeVisible();
  expect(await page.content()).not.toContain(codes[0]);

  for (const expected of ['/overview', '/sign-in']) {
    await page.context().clearCookies();
    await page.goto(`${stack.url}/sign-in`);
    await page.getByLabel('E-mail').fill('grace@example.test');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Code').fill(codes[0] ?? '');
    await expectAccessible(page, 'sign-in with a code');
    await look(page, 'sign-in-code');
    await page.getByRole('button', { name: 'Sign in' }).click();
    if (expected === '/sign-in') {
      await expect(page.getByText('This code is wrong or was used already.')).toBeVisible();
    }
    await expect(page).toHaveURL(`${stack.url}${expected}`);
  }
});

test('an admin resets the second factor of somebody who lost their phone', async ({ page }) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/settings/users`);
  await look(page, 'users-2fa');
  await page.getByRole('button', { name: 'Reset second factor of Grace' }).click();
  await expect(page.getByRole('button', { name: 'Reset second factor of Grace' })).toHaveCount(0);
  await page.context().clearCookies();
  await signIn(page, 'grace@example.test');
});

test('every page works under a policy that runs no script without the nonce of its answer', async ({
  complaints,
  page,
}) => {
  await signIn(page, 'admin@example.test');
  for (const path of ['/credentials', '/audit', '/settings/users', '/policies/new', '/welcome', '/nowhere']) {
    const answer = await page.goto(`${stack.url}${path}`);
    const policy = answer?.headers()['content-security-policy'] ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none';
    expect(policy, path).toContain(`frame-ancestors 'none'`);
    expect(
      policy.split('; ').find((part) => part.startsWith('script-src')),
      path,
    ).not.toContain('unsafe');
    expect(await answer?.text(), path).toContain(`nonce="${nonce}"`);
  }
  expect(complaints).toEqual([]);
  await page.evaluate(() => {
    const planted = document.createElement('div');
    planted.innerHTML = '<img src="/nowhere.png" onerror="document.title = \'planted\'">';
    document.body.append(planted);
  });
  await expect.poll(() => complaints.join()).toContain('Content Security Policy');
  complaints.length = 0;
  expect(await page.title()).not.toBe('planted');
});

test('a page of another site changes nothing, and a body that is too long is not read', async ({ page }) => {
  await signIn(page, 'admin@example.test');
  const send = (headers: Record<string, string>, data: string) =>
    page.request.post(`${stack.url}/settings/users/invite`, { headers, data, maxRedirects: 0 });
  expect((await send({ origin: 'https://evil.example' }, '{}')).status()).toBe(403);
  expect((await send({}, '{}')).status()).toBe(403);
  expect((await send({ origin: stack.url }, '{}')).status()).toBe(400);
  expect((await send({ origin: stack.url }, 'x'.repeat(1024 * 1024 + 1))).status()).toBe(413);
});

test('who is limited to an environment sees its credentials and no others', async ({ page, browser }) => {
  const theirs = await (await browser.newContext()).newPage();
  await signIn(theirs, 'grace@example.test');
  const [credential] = await query<{ id: string; name: string }>('select id, name from credentials limit 1');
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/settings/users`);
  await page.getByText('Limits of Grace').click();
  const limits = page.getByRole('group').filter({ hasText: 'Limits of Grace' });
  await limits.getByLabel('Environments').fill('elsewhere');
  await expectAccessible(page, 'limits');
  await look(page, 'limits');
  await limits.getByRole('button', { name: 'Save the limits' }).click();
  await expect(page.getByText('only elsewhere')).toBeVisible();
  await theirs.goto(`${stack.url}/credentials`);
  await expect(theirs.getByRole('heading', { name: 'Credentials' })).toBeVisible();
  await expect(theirs.getByRole('link', { name: credential?.name ?? '', exact: true })).toHaveCount(0);
  const answer = await theirs.goto(`${stack.url}/credentials/${credential?.id}`);
  expect(answer?.status()).toBe(404);
  await theirs.context().close();
});
