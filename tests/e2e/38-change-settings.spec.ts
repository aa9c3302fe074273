import type { Page } from '@playwright/test';
import { loadSettings } from '#scripts/launcher/settings.ts';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { alive } from '#tests/e2e/support/alive.ts';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { endOverlap, expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

/* Issuers and targets are given other settings and new secrets in the browser. */

test.describe.configure({ timeout: 240_000 });

const shot = process.env.REKEY_SHOTS;
const admin = 'admin@example.test';
const issuer = 'SurfaceScout (sample)';
const target = 'Webhook receiver (sample)';
const { sampleToken, webhookSecret } = loadSettings(stack.dataDir);

/** Looks at the page as it stands in both widths and themes, and back. */
async function look(page: Page, name: string): Promise<void> {
  for (const width of [1280, 375]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await expectAccessible(page, `${name}, ${colorScheme}, ${width} px`);
      if (shot !== undefined) {
        await page.screenshot({ path: `${shot}/${name}-${colorScheme}-${width}.png`, fullPage: true });
      }
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1280, height: 720 });
}

async function storedOf(table: 'issuers' | 'targets', name: string) {
  const [row] = await query<{ config: object; sealed: string }>(
    `select config, sealed from ${table} where name = $1`,
    [name],
  );
  return row;
}

async function openSettings(page: Page, list: 'issuers' | 'targets', name: string): Promise<void> {
  await page.goto(`${stack.url}/${list}`);
  await page.getByRole('link', { name: `Settings… ${name}` }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Change the settings of ${name}` })).toBeVisible();
  await alive(page);
}

const save = (page: Page) => page.getByRole('button', { name: 'Save settings' }).click();

test('an admin gives an issuer a new token; a wrong one, and another server, are refused at their inputs and change nothing', async ({
  page,
}) => {
  await signIn(page, admin);
  await page.goto(`${stack.url}/issuers`);
  await look(page, 'issuers');
  await openSettings(page, 'issuers', issuer);
  const before = await storedOf('issuers', issuer);
  const [address, token] = [page.getByLabel('Address', { exact: true }), page.getByLabel('Admin token')];
  const stored = await address.inputValue();
  expect(before?.config).toEqual({ baseUrl: stored });
  await expect(token).toHaveValue('');
  expect(await page.content()).not.toContain(sampleToken);
  await look(page, 'issuer-settings');

  await token.fill('not-the-token');
  await save(page);
  await expect(page.getByText('Nothing was saved. Correct what is marked above.')).toBeVisible();
  await expect(token).toBeFocused();
  await expect(token).toHaveAccessibleDescription(/Check that the stored sign-in is right/);
  await look(page, 'issuer-wrong-token');
  await address.fill(`http://127.0.0.1:${stack.inboxPort}`);
  await save(page);
  await expect(address).toHaveAccessibleDescription(/leads to another server/);
  await expect(address).toBeFocused();
  expect(await storedOf('issuers', issuer)).toEqual(before);

  await address.fill(stored);
  await token.fill(sampleToken);
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Issuers' })).toBeVisible();
  const after = await storedOf('issuers', issuer);
  expect(after?.config).toEqual(before?.config);
  expect(after?.sealed).not.toBe(before?.sealed);
  await page.getByRole('button', { name: `Check ${issuer}` }).click();
  await expect(page.getByRole('listitem').filter({ hasText: issuer })).toContainText('it answers');
});

test('a target’s secret is entered again, and one that has no settings offers none', async ({ page }) => {
  await signIn(page, admin);
  await page.goto(`${stack.url}/targets`);
  await expect(page.getByRole('button', { name: 'Rename… Env file (sample)' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Settings… Env file (sample)' })).toHaveCount(0);
  await look(page, 'targets');
  await openSettings(page, 'targets', target);
  const before = await storedOf('targets', target);
  await look(page, 'target-settings');
  await page.getByLabel('Signing secret').fill(webhookSecret);
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Targets' })).toBeVisible();
  const after = await storedOf('targets', target);
  expect(after?.config).toEqual(before?.config);
  expect(after?.sealed).not.toBe(before?.sealed);
});

test('an operator is offered no settings, and the page says who may', async ({ operator: page }) => {
  await page.goto(`${stack.url}/issuers`);
  await expect(page.getByRole('button', { name: `Check ${issuer}` })).toBeVisible();
  await expect(page.getByRole('link', { name: /^Settings… / })).toHaveCount(0);
  const [row] = await query<{ id: string }>('select id from issuers where name = $1', [issuer]);
  await page.goto(`${stack.url}/issuers/${row?.id}`);
  await expect(page.getByText('It takes the role admin to change the settings of an issuer')).toBeVisible();
  await expect(page.getByLabel('Admin token')).toHaveCount(0);
});

test('a rotation that is held because something is not allowed leads an admin to where the sign-in is entered anew', async ({
  page,
}) => {
  await endOverlap('fleet-api');
  await signIn(page, admin);
  await page.getByRole('link', { name: 'fleet-api', exact: true }).click();
  await openRotateSheet(page);
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  await expect(page.getByRole('status').filter({ hasText: 'Phase: Overlap' })).toBeAttached();
  const id = page.url().split('/').at(-1);
  await query(
    `update rotations set hold = 'permission_missing', hold_detail = 'It answers 401.' where id = $1`,
    [id],
  );
  await page.reload();
  const held = page.getByText('A sign-in that has expired is entered anew');
  await expect(held.getByRole('link')).toHaveText([issuer, target]);
  await look(page, 'held');
  await held.getByRole('link', { name: issuer }).click();
  await page.getByLabel('Admin token').fill(sampleToken);
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Issuers' })).toBeVisible();
  await query('update rotations set hold = null, hold_detail = null where id = $1', [id]);
});
