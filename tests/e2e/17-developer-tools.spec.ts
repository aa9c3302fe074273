import fs from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'openid-client';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import {
  advanceClock,
  createUser,
  expect,
  PASSWORD,
  query,
  rekey,
  signIn,
  stack,
  test,
} from '#tests/e2e/support/stack.ts';

/* The page of API clients, with a certified client library as the program on the other side. */

const EMAIL = 'developer@example.test';

async function discover(clientId: string, how: oauth.ClientAuth): Promise<oauth.Configuration> {
  const options = { algorithm: 'oauth2' as const, execute: [oauth.allowInsecureRequests] };
  return oauth.discovery(new URL(stack.url), clientId, undefined, how, options);
}

/** What the token endpoint of the running stack says to a client and its secret. */
async function tokenWith(clientId: string, secret: string): Promise<'a token' | number> {
  const library = await discover(clientId, oauth.ClientSecretBasic(secret));
  return oauth.clientCredentialsGrant(library).then(
    ({ access_token }) => (access_token === '' ? 0 : 'a token'),
    (error: { status?: number }) => error.status ?? 0,
  );
}

const shown = (page: Page, label: 'Client ID' | 'Client secret') => page.getByLabel(label, { exact: true });

/** Everything that reached the page, but for the one answer that a secret is shown from. */
function listen(page: Page): { text(): Promise<string> } {
  const bodies: Promise<string>[] = [];
  page.on('response', (response) => {
    bodies.push(Promise.resolve(response.url()));
    const isSecret = /\/developer-tools\/(new\/client|[^/]+\/secret)$/.test(response.url());
    if (!isSecret) bodies.push(response.text().catch(() => ''));
  });
  return { text: async () => (await Promise.all(bodies)).join('\n') };
}

/** What the processes of the stack have logged. */
function logs(): string {
  const files = fs
    .readdirSync(stack.dataDir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.log'));
  expect(files.length).toBeGreaterThan(0);
  return files.map((file) => fs.readFileSync(path.join(stack.dataDir, file), 'utf8')).join('\n');
}

async function addClient(page: Page, name: string): Promise<{ id: string; secret: string }> {
  await page.getByRole('link', { name: 'Developer tools' }).click();
  await page.getByRole('link', { name: 'Add a client' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Add the client' }).click();
  await expect(shown(page, 'Client secret')).toHaveValue(/^rekey_/);
  return {
    id: await shown(page, 'Client ID').inputValue(),
    secret: await shown(page, 'Client secret').inputValue(),
  };
}

test.beforeAll(async ({ browser }) => {
  const page = await browser.newPage();
  await createUser(page, EMAIL, 'admin');
  await page.close();
});

test('a client is added, its secret is seen once and nowhere else, and a standard client gets a token', async ({
  page,
}) => {
  await signIn(page, EMAIL);
  const heard = listen(page);
  const { id, secret } = await addClient(page, 'deploy-bot');
  await expectAccessible(page, 'a secret that is shown once');
  expect(await tokenWith(id, secret)).toBe('a token');
  await page.getByRole('link', { name: 'Open the client' }).click();
  await expect(shown(page, 'Client ID')).toHaveValue(id);
  await expect(page.getByRole('list', { name: 'Secrets' })).toContainText(`…${secret.slice(-4)}`);
  await expect(page.getByRole('list', { name: 'Secrets' })).toContainText('last used');
  await page.reload();
  await expectAccessible(page, 'a client');
  expect(await page.content()).not.toContain(secret);
  expect(await heard.text()).not.toContain(secret);
  expect(logs()).not.toContain(secret);
});

test('in the overlap both secrets work; the old one is ended, and the last one cannot be', async ({
  page,
}) => {
  await signIn(page, EMAIL);
  const { id, secret } = await addClient(page, 'overlap-bot');
  await page.goto(`${stack.url}/developer-tools/${id}`);
  await page.getByRole('button', { name: 'Rotate' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('radio', { name: '24 hours' })).toBeChecked();
  await expect(dialog.getByRole('radio', { name: '24 hours' })).toHaveAccessibleDescription(
    /^until \w+ \d+ \w+ \d{4}/,
  );
  await expectAccessible(page, 'the dialog');
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  await expect(shown(page, 'Client secret')).toHaveValue(/^rekey_/);
  const next = await dialog.getByLabel('Client secret', { exact: true }).inputValue();
  expect(next).not.toBe(secret);
  expect([await tokenWith(id, secret), await tokenWith(id, next)]).toEqual(['a token', 'a token']);
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await expect(dialog).toBeHidden();
  const secrets = page.getByRole('list', { name: 'Secrets' }).getByRole('listitem');
  await expect(secrets).toHaveCount(2);
  await expect(secrets.nth(1)).toContainText('Works until');
  const newest = secrets.nth(0);
  await newest.getByRole('button', { name: 'End' }).click();
  await newest.getByRole('button', { name: 'Really end it now' }).click();
  await expect(newest.getByRole('alert')).toContainText('is the last secret of overlap-bot');
  await secrets.nth(1).getByRole('button', { name: 'End' }).click();
  await secrets.nth(1).getByRole('button', { name: 'Really end it now' }).click();
  await expect(secrets.nth(1)).toContainText('Ended');
  expect([await tokenWith(id, secret), await tokenWith(id, next)]).toEqual([401, 'a token']);
});

test('an immediate rotation warns, takes the typed name, and refuses the old secret at once', async ({
  page,
}) => {
  await signIn(page, EMAIL);
  const { id, secret } = await addClient(page, 'breach-bot');
  await page.goto(`${stack.url}/developer-tools/${id}`);
  await page.getByRole('button', { name: 'Rotate' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'None: end it at once' }).check();
  await expect(dialog).toContainText('This is immediate and cannot be reverted');
  await dialog.getByLabel(/^Type breach-bot/).fill('another');
  await dialog.getByRole('button', { name: 'Rotate and end the old one' }).click();
  await expect(dialog.getByRole('alert')).toContainText('type its name. Nothing was changed');
  expect(await tokenWith(id, secret)).toBe('a token');
  await dialog.getByLabel(/^Type breach-bot/).fill('breach-bot');
  await dialog.getByRole('button', { name: 'Rotate and end the old one' }).click();
  await expect(dialog.getByLabel('Client secret', { exact: true })).toHaveValue(/^rekey_/);
  const next = await dialog.getByLabel('Client secret', { exact: true }).inputValue();
  expect([await tokenWith(id, secret), await tokenWith(id, next)]).toEqual([401, 'a token']);
});

test('a client with a key of its own has no secret; a private key is refused', async ({ page }) => {
  await signIn(page, EMAIL);
  const pair = await generateKeyPair('ES256', { extractable: true });
  await page.goto(`${stack.url}/developer-tools/new`);
  await page.getByLabel('Name').fill('signing-bot');
  await page.getByRole('radio', { name: /private_key_jwt/ }).check();
  const keys = page.getByLabel('Public keys (JWKS)');
  await keys.fill(JSON.stringify({ keys: [await exportJWK(pair.privateKey)] }));
  await page.getByRole('button', { name: 'Add the client' }).click();
  await expect(page.getByText('This is a private key').first()).toBeVisible();
  await keys.fill(JSON.stringify({ keys: [await exportJWK(pair.publicKey)] }));
  await page.getByRole('button', { name: 'Add the client' }).click();
  await expect(shown(page, 'Client ID')).toHaveValue(/^[0-9a-f-]{36}$/);
  await expect(shown(page, 'Client secret')).toHaveCount(0);
  const id = await shown(page, 'Client ID').inputValue();
  const library = await discover(id, oauth.PrivateKeyJwt(pair.privateKey));
  expect(await oauth.clientCredentialsGrant(library)).toMatchObject({ token_type: 'bearer' });
});

/** Says who the person is, where the page asks. */
async function sayWhoItIs(page: Page): Promise<void> {
  await expect(page.getByText('Is it still you?')).toBeVisible();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).click();
}

test('who signed in long ago says again who they are, and then a secret is made and shown, once', async ({
  page,
}) => {
  await signIn(page, EMAIL);
  const answers: number[] = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (/^\/developer-tools\/(new\/client|[^/]+\/secret)$/.test(pathname)) answers.push(response.status());
  });
  await page.goto(`${stack.url}/developer-tools/new`);
  await page.getByLabel('Name').fill('patient-bot');
  await advanceClock('6 minutes');
  await page.getByRole('button', { name: 'Add the client' }).click();
  await sayWhoItIs(page);
  await expect(shown(page, 'Client secret')).toHaveValue(/^rekey_/);
  expect(answers.splice(0)).toEqual([403, 200]);
  const id = await shown(page, 'Client ID').inputValue();
  const secret = await shown(page, 'Client secret').inputValue();
  expect(await tokenWith(id, secret)).toBe('a token');
  await page.goto(`${stack.url}/developer-tools/${id}`);
  await page.getByRole('button', { name: 'Rotate' }).click();
  await advanceClock('6 minutes');
  const sheet = page.getByRole('dialog', { name: 'Rotate the secret of patient-bot' });
  await sheet.getByRole('button', { name: 'Rotate' }).click();
  await page.getByRole('button', { name: 'Not now' }).click();
  await expect(sheet.getByRole('alert')).toContainText('Give your password again');
  expect(answers.splice(0)).toEqual([403]);
  await sheet.getByRole('button', { name: 'Rotate' }).click();
  await sayWhoItIs(page);
  await expect(shown(page, 'Client secret')).toHaveValue(/^rekey_/);
  expect(await shown(page, 'Client secret').inputValue()).not.toBe(secret);
  expect(answers).toEqual([403, 200]);
  const secrets = await query('select 1 from api_client_secrets where client_id = $1', [id]);
  expect(secrets).toHaveLength(2);
});

test('a client is limited to environments and labels where it is added and on its page; an admin is not', async ({
  page,
}) => {
  await signIn(page, EMAIL);
  await page.goto(`${stack.url}/developer-tools/new`);
  await page.getByLabel('Name').fill('limited-bot');
  await page.getByLabel('Role').selectOption('admin');
  await page.getByRole('textbox', { name: 'Environments' }).fill('production, staging');
  await page.getByRole('button', { name: 'Add the client' }).click();
  const refusal = page.getByRole('alert').filter({ hasText: 'An admin cannot be limited.' });
  await expect(refusal).toBeVisible();
  await page.getByLabel('Role').selectOption('operator');
  await page.getByRole('button', { name: 'Add the client' }).click();
  const id = await shown(page, 'Client ID').inputValue();
  await page.goto(`${stack.url}/developer-tools/${id}`);
  await expect(page.getByText('only production, staging')).toBeVisible();
  const form = page.locator('form').filter({ has: page.getByRole('textbox', { name: 'Environments' }) });
  await expect(form.getByLabel('Environments')).toHaveValue('production, staging');
  await form.getByLabel('Role').selectOption('admin');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(refusal).toBeVisible();
  await form.getByLabel('Role').selectOption('operator');
  await form.getByLabel('Environments').fill('');
  await form.getByLabel('Labels').fill('payments');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('only with the label payments')).toBeVisible();
  await page.goto(`${stack.url}/developer-tools`);
  const line = page.getByRole('listitem').filter({ hasText: 'limited-bot' });
  await expect(line).toContainText('only with the label payments');
  const limits = await query('select environments, labels from api_clients where id = $1', [id]);
  expect(limits).toEqual([{ environments: [], labels: ['payments'] }]);
});

test('a revoked client takes its typed name, and then gets no token', async ({ page }) => {
  const printed = await rekey('api-client', 'create', '--name', 'retired-bot', '--role', 'viewer', '--json');
  const { client_id: id, client_secret: secret } = JSON.parse(printed) as Record<string, string>;
  expect(await tokenWith(id ?? '', secret ?? '')).toBe('a token');
  await signIn(page, EMAIL);
  await page.goto(`${stack.url}/developer-tools/${id}`);
  await page.getByLabel(/^Type retired-bot/).fill('retired-bot');
  await page.getByLabel('Reason').fill('It is not needed any more');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('Its secrets and access tokens are refused.')).toBeVisible();
  expect(await tokenWith(id ?? '', secret ?? '')).toBe(401);
  const [event] = await query<{ body: string }>(
    `select body from audit_events where action = 'api_client.revoked' order by id desc limit 1`,
  );
  expect(event?.body).toContain('It is not needed any more');
});

test('a secret is shown to a page of this Rekey only, and to people who are signed in', async ({
  page,
  request,
}) => {
  const address = `${stack.url}/developer-tools/new/client`;
  const data = { name: 'foreign-bot', role: 'viewer', publicKeys: null };
  const anonymous = await request.post(address, { data, headers: { origin: stack.url } });
  expect(anonymous.status()).toBe(401);
  await signIn(page, EMAIL);
  const foreign = await page.request.post(address, { data, headers: { origin: 'https://evil.example' } });
  expect(foreign.status()).toBe(403);
  const own = await page.request.post(address, { data, headers: { origin: stack.url } });
  expect(own.headers()['cache-control']).toBe('no-store');
  expect(await own.json()).toMatchObject({ clientSecret: expect.stringMatching(/^rekey_/) });
});
