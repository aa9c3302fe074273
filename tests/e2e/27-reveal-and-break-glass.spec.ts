import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { createUser, expect, query, secretInFile, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

const actions = (page: Page) => page.getByRole('region', { name: 'Actions' });
const reveal = (page: Page) => page.getByRole('region', { name: 'Reveal' });

async function credentialPage(page: Page): Promise<string> {
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'fleet-api', exact: true }).click();
  await page.waitForURL('**/credentials/*-*');
  return page.url();
}

/** A rotation that waits for a target's confirmation, so that only breaking the glass ends the old secret. */
async function heldAtConfirmation(page: Page): Promise<string> {
  await credentialPage(page);
  const sheet = await openRotateSheet(page);
  await sheet.getByRole('radio', { name: '1 hour', exact: true }).check();
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  const id = page.url().split('/').at(-1) ?? '';
  await expect(page.getByRole('status').filter({ hasText: 'Phase: Overlap' })).toBeAttached();
  await query(`update rotations set hold = 'confirmation_pending', phase = 'confirm' where id = $1`, [id]);
  await query(
    `update deliveries set confirmed_at = null
      where version_id = (select to_version from rotations where id = $1)`,
    [id],
  );
  return id;
}

test.beforeAll(async ({ browser }) => {
  const page = await browser.newPage();
  await createUser(page, 'asker@example.test', 'operator');
  await createUser(page, 'second@example.test', 'approver');
  await createUser(page, 'allower@example.test', 'admin');
  await page.close();
});

test('what an operator asks for is confirmed by an approver, who reads what stops working; the review stays red until it is closed', async ({
  page,
  browser,
}) => {
  await signIn(page, 'asker@example.test');
  const id = await heldAtConfirmation(page);
  await page.goto(`${stack.url}/rotations/${id}`);
  await actions(page).getByRole('button', { name: 'Break glass…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('A second person has to confirm it within 30 minutes');
  await expect(dialog).toContainText('Not confirmed:');
  await dialog.getByLabel('Reason', { exact: true }).fill('It was posted in a forum.');
  await expectAccessible(page, 'the dialog that asks to break the glass');
  await dialog.getByRole('button', { name: 'Ask a second person' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('asked to break the glass: It was posted in a forum.')).toBeVisible();
  await expect(actions(page).getByRole('button', { name: 'Break glass…' })).toHaveCount(0);
  const before = await query<{ phase: string }>('select phase from rotations where id = $1', [id]);
  expect(before[0]?.phase).toBe('confirm');
  await page.goto(`${stack.url}/approvals`);
  await expect(page.getByRole('button', { name: 'Confirm: break glass for fleet-api' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Take it back…' })).toBeVisible();

  const second = await (await browser.newContext()).newPage();
  await signIn(second, 'second@example.test');
  await second.goto(`${stack.url}/overview`);
  await expect(second.getByText('Break glass', { exact: true })).toBeVisible();
  await second.goto(`${stack.url}/approvals`);
  const asked = second.getByRole('list', { name: 'Break glass' });
  await expect(asked).toContainText('is refused from then on. Not confirmed:');
  await expectAccessible(second, 'a request to break the glass');
  await second.getByRole('button', { name: 'Confirm: break glass for fleet-api' }).click();
  const reviews = second.getByRole('list', { name: 'Reviews' });
  await expect(reviews).toContainText('fleet-api');
  await expectAccessible(second, 'an open review');

  await page.goto(`${stack.url}/rotations/${id}`);
  await expect(page.getByText(/The glass was broken by .+ confirmed it/)).toBeVisible();
  await page.goto(`${stack.url}/overview`);
  await expect(page.getByText('Review open')).toBeVisible();
  await second.getByRole('button', { name: 'Close the review of fleet-api' }).click();
  await second.getByLabel('What came of it?').fill('Nothing stopped; the post is gone.');
  await second.getByRole('button', { name: 'Close the review', exact: true }).click();
  await expect(reviews).toHaveCount(0);
  await page.reload();
  await expect(page.getByText('Review open')).toHaveCount(0);
  await second.context().close();
  await page.goto(`${stack.url}/rotations/${id}`);
  await expect(page.getByText('Nothing stopped; the post is gone.')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Rotation completed.' })).toBeAttached();
});

test('a value is revealed once, masked, and leaves no trace in the page, its payload or its address', async ({
  page,
  browser,
}) => {
  const admin = await (await browser.newContext()).newPage();
  await signIn(admin, 'allower@example.test');
  await admin.goto(await credentialPage(admin));
  await expect(reveal(admin)).toContainText('Off: no value of this credential is shown to anybody.');
  await reveal(admin).getByRole('button', { name: 'Turn revealing on' }).click();
  await expect(reveal(admin)).toContainText('On: each version can be shown once');
  await admin.context().close();

  await signIn(page, 'asker@example.test');
  const secret = secretInFile('fleet-api');
  const told: string[] = [];
  const answers: string[] = [];
  page.on('response', async (response) => {
    const text = await response.text().catch(() => '');
    const isReveal = response.request().method() === 'POST' && response.url().endsWith('/reveal');
    (isReveal ? answers : told).push(`${response.url()} ${text}`);
    if (isReveal) {
      expect(response.headers()['cache-control']).toBe('no-store');
    }
  });
  const address = await credentialPage(page);
  await page.clock.install();
  await reveal(page)
    .getByRole('button', { name: /^Reveal v\d+…$/ })
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('The partner takes it by phone');
  await expectAccessible(page, 'the dialog that reveals');
  await dialog.getByRole('button', { name: 'Reveal', exact: true }).click();
  const field = dialog.getByLabel('clientSecret', { exact: true });
  await expect(field).toBeVisible();
  expect(await page.content()).not.toContain(secret);
  await expect(field).not.toHaveValue(secret);
  await expectAccessible(page, 'a value that is masked');
  await dialog.getByRole('button', { name: 'Show clientSecret' }).click();
  await expect(field).toHaveValue(secret);
  await page.clock.fastForward(31_000);
  await expect(field).not.toHaveValue(secret);
  await dialog.getByRole('button', { name: 'Show clientSecret' }).click();
  await expect(field).toHaveValue(secret);
  await page.evaluate(() => window.dispatchEvent(new Event('blur')));
  await expect(field).not.toHaveValue(secret);
  await dialog.getByRole('button', { name: 'Close and drop it' }).click();
  await expect(reveal(page)).toContainText(/had v\d+ shown/);
  await expect(reveal(page).getByRole('button')).toHaveCount(0);

  await page.goto(address);
  await page.goto(`${stack.url}/audit`);
  await expect(page.getByText(/Had the value of v\d+ shown/).first()).toBeVisible();
  expect(page.url()).not.toContain(secret);
  expect(await page.content()).not.toContain(secret);
  expect(answers.filter((text) => text.includes(secret))).toHaveLength(1);
  expect(told.length).toBeGreaterThan(3);
  expect(told.filter((text) => text.includes(secret))).toEqual([]);
  const held = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, history.state]));
  expect(held).not.toContain(secret);
});
