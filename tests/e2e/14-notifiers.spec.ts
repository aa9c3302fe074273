import { createServer } from 'node:http';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

const messages: { title: string; detail: string; url: string }[][] = [];
const inbox = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  messages.push(JSON.parse(body).data.notices);
  response.writeHead(204).end();
});

test.beforeAll(() => new Promise<void>((resolve) => inbox.listen(stack.inboxPort, '127.0.0.1', resolve)));
test.afterAll(() => {
  inbox.close();
});

test('an admin adds a notifier, sends a test and sees that it went through', async ({ page }) => {
  await signIn(page, 'admin@example.test');
  await page.getByRole('link', { name: 'Notifiers' }).click();
  await expect(page.getByText('Nobody is told yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Add notifier' }).click();
  await page.getByRole('link', { name: /Signed webhook/ }).click();
  await page.getByLabel('Name').fill('Operations');
  await page.getByLabel('Address of the receiver').fill('http://127.0.0.1:4/');
  await page.getByLabel('Signing secret').fill(`whsec_${Buffer.alloc(32, 5).toString('base64')}`);
  await page.getByRole('button', { name: 'Add notifier' }).click();
  await expect(page.getByText(/127\.0\.0\.1 is a loopback address/).first()).toBeVisible();
  await page.getByLabel('Address of the receiver').fill(`http://127.0.0.1:${stack.inboxPort}/notices`);
  await page.getByLabel('Signing secret').fill(`whsec_${Buffer.alloc(32, 5).toString('base64')}`);
  await page.getByRole('button', { name: 'Add notifier' }).click();
  await page.getByRole('button', { name: 'Send a test to Operations' }).click();
  await expect(page.getByText('Operations took a test message.')).toBeVisible();
  expect(messages.flat().at(-1)?.title).toBe('This is a test');
});

test('when a rotation needs a person, they are told once, with a link that leads there', async ({ page }) => {
  await signIn(page, 'operator@example.test');
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'partner-portal', exact: true }).click();
  await openRotateSheet(page);
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  const rotation = page.url();
  const told = () => messages.flat().filter(({ url }) => url === rotation);
  await expect.poll(() => told().length, { timeout: 30_000 }).toBe(1);
  expect(told()[0]?.title).toContain('partner-portal waits for you');
  await page.goto(told()[0]?.url ?? '');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('partner-portal');
});

test('an operator sees the notifiers and cannot change them; an admin removes one after being asked', async ({
  page,
}) => {
  await signIn(page, 'operator@example.test');
  await page.goto(`${stack.url}/notifiers`);
  await expect(page.getByText('Operations', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: /Remove/ })).toHaveCount(0);
  await page.context().clearCookies();
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/notifiers`);
  await page.getByRole('button', { name: 'Remove Operations' }).click();
  await page.getByRole('button', { name: 'Really remove Operations' }).click();
  await expect(page.getByText('Nobody is told yet.')).toBeVisible();
  const rows = await query<{ actor: string }>(
    `select actor_name as actor from audit_events where action = 'notifier.removed'`,
  );
  expect(rows).toHaveLength(1);
});
