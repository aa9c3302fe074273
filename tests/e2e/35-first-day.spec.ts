import fs from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { alive } from '#tests/e2e/support/alive.ts';
import { createUser, expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

const admin = 'first-day@example.test';
const folder = path.join(stack.sampleDir, 'first-day');
const file = path.join(folder, '.env');
const shot = process.env.REKEY_SHOTS;

test.beforeAll(async ({ browser }) => {
  fs.mkdirSync(folder, { recursive: true });
  const page = await browser.newPage();
  await createUser(page, admin, 'admin');
  await page.close();
});
test.beforeEach(async ({ page }) => signIn(page, admin));

async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of shot === undefined ? [] : (['light', 'dark'] as const)) {
    for (const width of [1440, 1024, 375]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `${shot}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1280, height: 720 });
}

const open = async (page: Page, address: string) => {
  await page.goto(`${stack.url}${address}`);
  await alive(page);
};

test('kinds are found by the names that people have for them', async ({ page }) => {
  await open(page, '/issuers/new');
  const issuers = page.getByRole('list', { name: 'Kinds of issuers' });
  await page.getByLabel(/^Find among/).fill('azure');
  await expect(issuers.getByRole('listitem')).toHaveText([/^Microsoft Entra application/]);
  await look(page, 'azure');
  await page.getByLabel(/^Find among/).fill('http api');
  await expect(issuers.getByRole('listitem')).toHaveText([/Depends on what is entered$/]);
  await open(page, '/targets/new');
  const targets = page.getByRole('list', { name: 'Kinds of targets' });
  await page.getByLabel(/^Find among/).fill('k8s');
  await expect(targets.getByRole('listitem')).toHaveText([/^Kubernetes Secret/]);
  await page.getByLabel(/^Find among/).fill('vercel');
  await expect(targets.getByRole('listitem')).toHaveText([/Proves what it holds.*Redeploys consumers/]);
});

test('a value that only applications know is made by Rekey, delivered as it is bound, and its systems are called healthy', async ({
  page,
}) => {
  await open(page, '/issuers/new?kind=random');
  await page.getByLabel('Name', { exact: true }).fill('Keys of our own');
  await page.getByRole('button', { name: 'Add issuer' }).click();
  const added = page.getByRole('listitem').filter({ hasText: 'Keys of our own' });
  await expect(added.getByText('Not checked yet')).toBeVisible();
  const top = async (name: string) => (await added.getByRole('button', { name }).boundingBox())?.y;
  expect(await top('Pause Keys of our own')).toBe(await top('Rename… Keys of our own'));
  await open(page, '/credentials/new');
  await expect(page.getByRole('heading', { name: 'Add a credential' })).toBeVisible();
  await page.getByRole('link', { name: /^Keys of our own/ }).click();
  await alive(page);
  await expect(page.getByLabel('The issuer’s ID of this secret')).toHaveCount(0);
  await page.getByLabel('Name', { exact: true }).first().fill('cookie key');
  await page.getByLabel('Paste the one in use today').check();
  await expect(page.getByLabel('Secret', { exact: true })).toBeVisible();
  await page.getByLabel('Rekey makes it').check();
  await expect(page.getByLabel('Secret', { exact: true })).toHaveCount(0);
  await expectAccessible(page, 'the form that makes a first value');
  await look(page, 'first-value');
  await page.getByRole('button', { name: 'Create credential' }).click();
  await expect(page.getByText('Which system needs cookie key?')).toBeVisible();
  await page.getByRole('link', { name: /^Env file \(sample\)/ }).click();
  await alive(page);

  await page.getByLabel('Path').fill('/nowhere-at-all/.env');
  await page.getByLabel('Secret', { exact: true }).fill('COOKIE_KEY');
  await page.getByRole('button', { name: 'Bind target' }).click();
  await expect(page.getByText('Nothing was saved. Correct what is marked above.')).toBeVisible();
  await expect(page.getByLabel('Path')).toBeFocused();
  await expect(page.getByLabel('Path')).toHaveAccessibleDescription(/\/nowhere-at-all/);
  await look(page, 'path');
  await page.getByLabel('Path').fill(file);
  await page.getByRole('button', { name: 'Bind target' }).click();
  await expect(page.getByRole('heading', { name: 'cookie key' })).toBeVisible();
  expect(fs.readFileSync(file, 'utf8')).toMatch(/^COOKIE_KEY=[\w-]{43}$/m);
  const targets = page.getByRole('region', { name: 'Targets' }).first();
  await expect(targets.getByText(/^Env file \(\.env\) · /)).toBeVisible();
  await look(page, 'bound');

  await open(page, '/issuers');
  const row = page.getByRole('listitem').filter({ hasText: 'Keys of our own' });
  await expect(row.getByText('Healthy')).toBeVisible();
  await look(page, 'issuers');
  await open(page, '/targets');
  await expect(page.getByText(/^It took the delivery for a binding that was made /).first()).toBeVisible();
});

test('an issuer is renamed in its list, and a name that is taken is told at its input', async ({ page }) => {
  await open(page, '/issuers/new?kind=random');
  await page.getByLabel('Name', { exact: true }).fill('Keys to rename');
  await page.getByRole('button', { name: 'Add issuer' }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'Keys to rename' });
  await row.getByRole('button', { name: 'Rename… Keys to rename' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename Keys to rename' });
  await expectAccessible(page, 'the dialog that renames an issuer');
  await dialog.getByLabel('Name').fill('SurfaceScout (sample)');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog.getByText('There is already an issuer called SurfaceScout (sample).')).toBeVisible();
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await look(page, 'rename');
  await dialog.getByLabel('Name').fill('Own keys');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Check Own keys' })).toBeVisible();
  const [event] = await query<{ body: string }>(
    `select body from audit_events where action = 'issuer.changed' order by at desc limit 1`,
  );
  expect(event?.body).toContain('Own keys');
});

test('rules of a policy that collide are told at the input that gives way, which has the focus', async ({
  page,
}) => {
  await open(page, '/policies/new');
  await page.getByLabel('Name', { exact: true }).fill('Collides');
  const every = page.getByLabel('Every', { exact: true });
  await every.fill('1');
  const grace = page.getByLabel('Grace period', { exact: true });
  await grace.fill('2');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await expect(grace).toBeFocused();
  await expect(grace).toHaveAccessibleDescription(/The old version would be kept for 2 days/);
  await look(page, 'collision');
  await grace.fill('0');
  await page.getByLabel('Start rotations in a maintenance window only').check();
  await page.getByLabel('From', { exact: true }).fill('03:00');
  await page.getByLabel('To', { exact: true }).fill('03:05');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await expect(page.getByLabel('To', { exact: true })).toBeFocused();
  await expect(page.getByLabel('To', { exact: true })).toHaveAccessibleDescription(/open for 5 minutes/);
});
