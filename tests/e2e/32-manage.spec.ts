import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { alive } from '#tests/e2e/support/alive.ts';
import { createUser, expect, PASSWORD, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

const run = promisify(execFile);
const folder = path.join(stack.sampleDir, 'managed');
const file = path.join(folder, 'kiosk.env');
const shot = process.env.REKEY_SHOTS;
const admin = 'manager@example.test';
let credentialId: string;

test.beforeAll(async () => {
  await run(process.execPath, ['--import', 'tsx', 'tests/e2e/support/managed-credential.ts', folder], {
    env: { ...process.env, ...stack.env, REKEY_FILE_ROOTS: stack.sampleDir },
  });
  const [row] = await query<{ id: string }>(`select id from credentials where name = 'kiosk'`);
  credentialId = row?.id ?? '';
});

const about = (page: Page) => page.getByRole('region', { name: 'About this credential' });

async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of shot === undefined ? [] : (['light', 'dark'] as const)) {
    for (const width of [1440, 375]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `${shot}/${name}-${colorScheme}-${width}.png` });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1280, height: 720 });
}

test('an operator gives a credential an owner and labels, finds it by them, and cannot archive it', async ({
  operator: page,
}) => {
  await page.goto(`${stack.url}/credentials/${credentialId}`);
  await alive(page);
  await expect(about(page).getByText('Nobody')).toBeVisible();
  await expect(about(page).getByRole('button', { name: 'Archive…' })).toHaveCount(0);
  await about(page).getByRole('button', { name: 'Change…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change kiosk' });
  await dialog.getByLabel('Owner').fill('Store team');
  await dialog.getByLabel('Labels').fill('edge, till');
  await expectAccessible(page, 'the dialog that changes a credential');
  await look(page, 'change');
  await dialog.getByLabel('Name', { exact: true }).fill('fleet-api');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog.getByText('There is already a credential called fleet-api.')).toBeVisible();
  await dialog.getByLabel('Name', { exact: true }).fill('kiosk');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(about(page).getByRole('link', { name: 'Store team' })).toBeVisible();
  await look(page, 'credential');
  await about(page).getByRole('link', { name: 'till' }).click();
  await expect(page).toHaveURL(/label=till/);
  await expect.poll(() => page.locator('[data-row]').allTextContents()).toEqual(['kiosk']);
});

test('while a rotation is open it is not let go of, which is said before a name or a password is asked for', async ({
  page,
}) => {
  await createUser(page, admin, 'admin');
  await signIn(page, admin);
  await query(
    `insert into rotations (id, credential_id, strategy, phase, hold, priority, requested_by, plan_digest, grace_seconds,
                            predicted_gap_seconds)
     values (gen_random_uuid(), $1, 'overlap', 'preflight', 'manual_hold', 'manual', '{"kind":"system","name":"spec"}', 'd', 60, 0)`,
    [credentialId],
  );
  await page.goto(`${stack.url}/credentials/${credentialId}`);
  await alive(page);
  const archive = about(page).getByRole('button', { name: 'Archive…' });
  await expect(archive).toBeDisabled();
  await expect(archive).toHaveAccessibleDescription('It can be archived once the open rotation has ended.');
  await expectAccessible(page, 'a credential that cannot be archived now');
  await look(page, 'archive-off');
  await query('delete from rotations where credential_id = $1', [credentialId]);
});

test('before the right to fetch is taken it is said what that ends, and nothing is taken without a yes', async ({
  page,
}) => {
  await signIn(page, admin);
  const [fetched] = await query<{ id: string }>(`select id from credentials where name = 'price-tags'`);
  const consumers = () =>
    query(
      `select 1 from binding_consumers n join bindings b on b.id = n.binding_id where b.credential_id = $1`,
      [fetched?.id],
    );
  await page.goto(`${stack.url}/credentials/${fetched?.id}`);
  await alive(page);
  await page.getByRole('button', { name: 'Remove… shelf' }).click();
  const dialog = page.getByRole('dialog', { name: 'Let shelf fetch no more from Fetched (managed)?' });
  await expect(
    dialog.getByText('From its next request on, shelf gets nothing from Fetched (managed).'),
  ).toBeVisible();
  await expectAccessible(page, 'the dialog that takes the right to fetch');
  await look(page, 'remove-consumer');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await consumers()).toHaveLength(1);
  await page.getByRole('button', { name: 'Remove… shelf' }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Nobody may fetch yet')).toBeVisible();
  expect(await consumers()).toHaveLength(0);
});

test('an admin archives it: the dialog says what stays outside, the name is typed, and the name is free again', async ({
  page,
}) => {
  await signIn(page, admin);
  const before = fs.readFileSync(file, 'utf8');
  await page.goto(`${stack.url}/credentials/${credentialId}`);
  await alive(page);
  await about(page).getByRole('button', { name: 'Archive…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Archive kiosk?' });
  await expect(dialog.getByText('Its secret goes on working at Values (managed)')).toBeVisible();
  await expect(dialog.getByText('It loses the policy Quarterly (managed)')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Archive' })).toBeDisabled();
  await expectAccessible(page, 'the dialog that archives a credential');
  await look(page, 'archive');
  await dialog.getByLabel('Type kiosk to archive it').fill('kiosk');
  await query(
    `update sessions s set step_up_at = s.step_up_at - interval '1 hour' from users u where u.id = s.user_id and u.email = $1`,
    [admin],
  );
  await dialog.getByRole('button', { name: 'Archive' }).click();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL('**/credentials');
  await page.goto(`${stack.url}/credentials?environment=all&q=kiosk`);
  await expect(page.locator('[data-row]')).toHaveCount(0);
  expect(fs.readFileSync(file, 'utf8')).toBe(before);
  await page.goto(`${stack.url}/credentials/${credentialId}`);
  await expect(page.getByText('kiosk was archived on')).toBeVisible();
});

test('what has its name is imported anew, with labels from the form', async ({ operator: page }) => {
  const [issuer] = await query<{ id: string }>(`select id from issuers where name = 'Values (managed)'`);
  await page.goto(`${stack.url}/credentials/new?issuer=${issuer?.id}`);
  await alive(page);
  await page.locator('input[name="name"]').fill('kiosk');
  await page.getByLabel('Labels').fill('till,, edge');
  await page.getByRole('radio', { name: 'Paste the one in use today' }).click();
  await page.getByLabel('Secret', { exact: true }).fill(randomBytes(32).toString('base64url'));
  await look(page, 'import');
  await page.getByRole('button', { name: 'Import credential' }).click();
  await expect(page.getByRole('heading', { name: 'kiosk' })).toBeVisible();
  await expect(about(page).getByRole('link', { name: 'edge' })).toBeVisible();
});
