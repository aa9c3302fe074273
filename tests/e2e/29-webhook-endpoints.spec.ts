import { createServer } from 'node:http';
import type { Page } from '@playwright/test';
import { Webhook } from 'standardwebhooks';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { createUser, expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

/* The page of webhook endpoints, with the real worker and the published library as the receiver. */

const EMAIL = 'webhooks@example.test';

interface Received {
  id: string;
  type: string;
  text: string;
  headers: Record<string, string>;
}

const received: Received[] = [];
let status = 204;
const inbox = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  received.push({ id: headers['webhook-id'] ?? '', type: JSON.parse(text).type, text, headers });
  response.writeHead(status).end();
});

test.beforeAll(async ({ browser }) => {
  await new Promise<void>((resolve) => inbox.listen(stack.inboxPort, '127.0.0.1', resolve));
  const page = await browser.newPage();
  await createUser(page, EMAIL, 'admin');
  await page.close();
});
test.afterAll(() => {
  inbox.close();
});

const isVerified = (secret: string, { text, headers }: Received) => {
  try {
    new Webhook(secret).verify(text, headers);
    return true;
  } catch {
    return false;
  }
};

/** Everything that reached the page, but for the answers that a secret is shown from. */
function listen(page: Page): { text(): Promise<string> } {
  const bodies: Promise<string>[] = [];
  page.on('response', (response) => {
    bodies.push(Promise.resolve(response.url()));
    const isSecret = /\/webhooks\/(new\/endpoint|[^/]+\/secret)$/.test(response.url());
    if (!isSecret) bodies.push(response.text().catch(() => ''));
  });
  return { text: async () => (await Promise.all(bodies)).join('\n') };
}

const shown = (page: Page) => page.getByLabel('Signing secret', { exact: true });
const messages = (page: Page) => page.getByRole('list', { name: 'Messages' }).getByRole('listitem');

let secret = '';
let address = '';

test('an endpoint is added, its secret is seen once and nowhere else, and a test that is sent verifies', async ({
  page,
}) => {
  await signIn(page, EMAIL);
  const heard = listen(page);
  await page.getByRole('link', { name: 'Developer tools' }).click();
  await page.getByRole('link', { name: 'webhook endpoints' }).click();
  await expect(page.getByText('No program is told of events yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Add endpoint' }).click();
  await page.getByLabel('Name').fill('Pipeline');
  await page.getByLabel('Address').fill(`http://127.0.0.1:${stack.inboxPort}/events`);
  await page.getByLabel('Events').fill('webhook_endpoint.*\nno.such');
  await page.getByRole('button', { name: 'Add endpoint' }).click();
  await expect(page.getByText(/no\.such is no name of an event/)).toBeVisible();
  await page.getByLabel('Events').fill('webhook_endpoint.*');
  await page.getByRole('button', { name: 'Add endpoint' }).click();
  await expect(shown(page)).toHaveValue(/^whsec_/);
  secret = await shown(page).inputValue();
  await expectAccessible(page, 'a signing secret that is shown once');
  await page.getByRole('link', { name: 'Open the endpoint' }).click();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText('Pipeline took a test message.')).toBeVisible();
  const sent = received.find(({ type }) => type === 'webhook_endpoint.test');
  expect(sent !== undefined && isVerified(secret, sent)).toBe(true);
  address = page.url();
  await page.reload();
  expect(await page.content()).not.toContain(secret);
  expect(await heard.text()).not.toContain(secret);
});

test('the worker sends an event within seconds, the page shows it, and a replay sends it again with its id', async ({
  page,
}) => {
  await signIn(page, EMAIL);
  const arrived = () => received.filter(({ type }) => type === 'webhook_endpoint.created');
  await expect.poll(() => arrived().length, { timeout: 30_000 }).toBe(1);
  expect(arrived().every((message) => isVerified(secret, message))).toBe(true);
  await page.goto(address);
  await expect(messages(page)).toHaveCount(1);
  await expect(messages(page)).toContainText('answered 204');
  await expectAccessible(page, 'a webhook endpoint');
  await messages(page)
    .getByRole('button', { name: /^Replay/ })
    .click();
  await expect.poll(() => arrived().length, { timeout: 30_000 }).toBe(2);
  expect(new Set(arrived().map(({ id }) => id)).size).toBe(1);
});

test('after a roll both secrets verify', async ({ page }) => {
  await signIn(page, EMAIL);
  await page.goto(address);
  await page.getByRole('button', { name: 'Roll the secret' }).click();
  await expect(shown(page)).toHaveValue(/^whsec_/);
  const next = await shown(page).inputValue();
  expect(next).not.toBe(secret);
  await expect(page.getByRole('list', { name: 'Signing secrets' }).getByRole('listitem')).toHaveCount(2);
  await expect(page.getByText('Signs until')).toBeVisible();
  const rolled = () => received.filter(({ type }) => type === 'webhook_endpoint.secret_rolled');
  await expect.poll(() => rolled().length, { timeout: 30_000 }).toBe(1);
  for (const message of rolled()) {
    expect([isVerified(secret, message), isVerified(next, message)]).toEqual([true, true]);
  }
});

test('an endpoint that fails says so and why; it is switched off and on, everything since is replayed, and it is removed', async ({
  page,
}) => {
  await signIn(page, EMAIL);
  status = 503;
  await page.goto(address);
  await messages(page)
    .first()
    .getByRole('button', { name: /^Replay/ })
    .click();
  await expect(async () => {
    await page.reload();
    await expect(page.getByText(/Nothing was taken since/)).toContainText('answered 503', { timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  status = 204;
  await page.getByRole('button', { name: 'Switch off' }).click();
  await expect(page.getByText(/Somebody switched it off/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Replay' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Switch on' }).click();
  await expect(page.getByRole('button', { name: 'Switch off' })).toBeVisible();
  const before = received.length;
  const [{ since } = { since: '' }] = await query<{ since: string }>(
    `select to_char((rekey_now() - interval '1 hour') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI') as since`,
  );
  await page.getByLabel('Since, in your time zone').fill(since);
  await page.getByRole('button', { name: 'Replay everything since' }).click();
  await expect(page.getByText('It has begun.')).toBeVisible();
  const again = () => new Set(received.slice(before).map(({ type }) => type));
  // The replay of one message, further above, is an event too, and comes before the last ones.
  await expect
    .poll(() => [...again()], { timeout: 30_000 })
    .toEqual(
      expect.arrayContaining([
        'webhook_endpoint.created',
        'webhook_endpoint.replayed',
        'webhook_endpoint.disabled',
        'webhook_endpoint.enabled',
      ]),
    );
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Really remove it' }).click();
  await expect(page.getByText('No program is told of events yet.')).toBeVisible();
});

test('an operator is told whose page it is, and sees no endpoint', async ({ operator: page }) => {
  await page.goto(`${stack.url}/developer-tools/webhooks`);
  await expect(page.getByText(/It takes the role admin or auditor/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Add endpoint' })).toHaveCount(0);
});
