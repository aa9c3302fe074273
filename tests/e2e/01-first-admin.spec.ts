import { createUser, expect, rekey, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test('the command line makes the first users, and their links work once', async ({ page }) => {
  await createUser(page, 'admin@example.test', 'admin');
  await createUser(page, 'operator@example.test', 'operator');
  await createUser(page, 'viewer@example.test', 'viewer');
  await signIn(page, 'operator@example.test');
  await expect(page.getByRole('heading', { level: 1, name: 'Credentials' })).toBeVisible();
});

test('a link that was used is refused with a sentence', async ({ page }) => {
  const link = /http\S+\/welcome#\S+/.exec(
    await rekey('user', 'create', '--email', 'twice@example.test', '--role', 'viewer'),
  )?.[0];
  for (const expected of [/You sign in as/, /was used or has expired/]) {
    await page.goto('about:blank');
    await page.goto(link ?? '');
    await page.getByLabel('Password').fill('a-long-enough-password');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await expect(page.getByText(expected)).toBeVisible();
  }
});

test('a wrong password is refused, and without a session every page leads to sign-in and back', async ({
  page,
}) => {
  await page.goto(`${stack.url}/audit`);
  await expect(page).toHaveURL(/\/sign-in\?from=%2Faudit/);
  await page.getByLabel('E-mail').fill('viewer@example.test');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The e-mail or the password is wrong.')).toBeVisible();
  await page.getByLabel('Password').fill('sample-password-for-tests');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/audit');
});

test('a password that is sent before the script has loaded stands in no address and in nothing that comes back', async ({
  browser,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const address of ['/sign-in', '/welcome']) {
    await page.goto(`${stack.url}${address}`);
    const email = page.getByLabel('E-mail');
    if ((await email.count()) > 0) await email.fill('viewer@example.test');
    await page.getByLabel('Password').fill('canary-password-of-nobody');
    const answered = page.waitForResponse((one) => one.request().method() === 'POST');
    await page.getByLabel('Password').press('Enter');
    expect((await answered).status()).toBe(200);
    await expect(page.getByLabel('Password')).toHaveValue('');
    expect(page.url()).toBe(`${stack.url}${address}`);
    expect(await page.content()).not.toContain('canary');
  }
  await context.close();
});

test('signing out ends the session on the server', async ({ page, context }) => {
  await signIn(page, 'viewer@example.test');
  const cookies = await context.cookies();
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  await context.addCookies(cookies);
  await page.goto(`${stack.url}/credentials`);
  await expect(page).toHaveURL(/\/sign-in/);
});

test('a request for another host is refused with 421', async ({ request }) => {
  const { port } = new URL(stack.url);
  const answer = await request.get(`http://127.0.0.1:${port}/credentials`);
  expect(answer.status()).toBe(421);
  expect(await answer.text()).toContain(`Open ${stack.url} instead`);
});

test('health says whether the database and workers are there', async ({ request }) => {
  expect(await (await request.get(`${stack.url}/health/live`)).json()).toEqual({ ok: true });
  expect(await (await request.get(`${stack.url}/health/ready`)).json()).toEqual({
    ok: true,
    database: 'ready',
    workers: 1,
  });
});
