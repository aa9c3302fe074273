import fs from 'node:fs';
import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { createUser, expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

const auditor = 'auditor@example.test';
const reason = 'Quarterly turn for the auditors';

const rows = (page: Page) => page.locator('[data-event]');

async function open(page: Page, q: string): Promise<void> {
  await page.goto(`${stack.url}/audit?${new URLSearchParams({ q })}`);
  await expect(page.getByRole('heading', { name: 'Audit', exact: true })).toBeVisible();
}

/** Clicks and answers the text and the name of the file that comes. */
async function save(page: Page, button: string): Promise<{ name: string; content: Buffer }> {
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const file = await coming;
  return { name: file.suggestedFilename(), content: fs.readFileSync(await file.path()) };
}

test('an auditor sees who rotated what, when, why, and whether it worked', async ({ page, browser }) => {
  await createUser(page, auditor, 'auditor');
  await createUser(page, 'turner-of-keys@example.test', 'operator');
  const context = await browser.newContext();
  const other = await context.newPage();
  await signIn(other, 'turner-of-keys@example.test');
  await other.getByRole('link', { name: 'survey-importer', exact: true }).click();
  await openRotateSheet(other);
  await other
    .getByRole('dialog')
    .getByLabel(/Reason/)
    .fill(reason);
  await rotateFromSheet(other);
  await other.waitForURL('**/rotations/*');
  await expect(other.getByRole('status').filter({ hasText: 'Rotation completed.' })).toBeAttached();
  await context.close();

  await signIn(page, auditor);
  await open(page, 'actor:turner-of-keys@example.test action:rotation.*');
  const row = page.getByRole('row').filter({ hasText: 'rotation.requested' });
  await expect(row).toContainText('turner-of-keys@example.test');
  await expect(row).toContainText('survey-importer');
  await expect(row).toContainText(reason);
  await expect(row).toContainText('Success');
  await open(page, 'quarterly audit');
  await expect(rows(page).first()).toBeVisible();
});

test('the line suggests while it is typed, and its parts are taken away one by one', async ({ page }) => {
  await signIn(page, auditor);
  await open(page, '');
  await expect(page.getByText('Range: all time, the newest first.')).toBeVisible();
  const line = page.getByRole('combobox', { name: 'Question' });
  await line.pressSequentially('cred');
  await expect(page.getByRole('listbox').getByRole('option')).toHaveText([/^credential:/]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await line.pressSequentially('survey-importer action:rotation.req');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(line).toHaveValue('credential:survey-importer action:rotation.requested ');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=credential/);
  const parts = page.getByRole('list', { name: 'Parts of the question' });
  await expect(parts.getByRole('listitem')).toHaveCount(3);
  await parts.getByRole('link', { name: 'Leave out action:rotation.requested' }).click();
  await expect(line).toHaveValue('credential:survey-importer');
  await page.getByRole('link', { name: '7 days' }).click();
  await expect(line).toHaveValue(/^credential:survey-importer created:\d{4}-\d\d-\d\d\.\.$/);
  await expect(page.getByText(/Range: from /)).toBeVisible();
});

test('a question that is not understood is told part by part, and nothing is shown for it', async ({
  page,
}) => {
  await signIn(page, auditor);
  await open(page, 'who:me outcome:bad');
  await expect(page.getByText('There is no qualifier “who:”.')).toBeVisible();
  await expect(page.getByText('“outcome:” knows success and failure, not “bad”.')).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
  await open(page, '');
  await page.getByRole('combobox', { name: 'Question' }).press('?');
  await expect(page.getByText('Every part of the question must hold.')).toBeVisible();
  await expectAccessible(page, 'the help with questions');
});

test('the keys walk the table, open an event at the side, and come back to its row', async ({ page }) => {
  await signIn(page, auditor);
  await open(page, 'action:rotation.* credential:survey-importer');
  await rows(page).first().focus();
  await page.keyboard.press('j');
  await expect(rows(page).nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  const side = page.getByRole('dialog');
  await expect(side.getByText('Leaf hash')).toBeVisible();
  await expectAccessible(page, 'an event at the side');
  await side.getByRole('button', { name: 'The event below' }).click();
  await page.keyboard.press('Escape');
  await expect(side).toBeHidden();
  await expect(rows(page).nth(2)).toBeFocused();
});

test('an event has an address of its own, with its neighbours, its rotation and its raw body', async ({
  page,
}) => {
  await signIn(page, auditor);
  const [event] = await query<{ id: string; body: string; rotation: string }>(
    `select id, body, rotation_id as rotation from audit_events where action = 'rotation.requested' order by id desc`,
  );
  await page.goto(`${stack.url}/audit/events/${event?.id}`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(
    'Asked for a rotation of survey-importer',
  );
  await page.getByText('Raw JSON').click();
  await expect(page.getByRole('region', { name: 'What is stored' }).locator('pre')).toHaveText(
    event?.body ?? '',
  );
  await expect(page.getByRole('link', { name: event?.rotation, exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'The one after' }).click();
  await expect(page.getByText(`Event ${event?.id}`)).toBeHidden();
  await page.getByRole('link', { name: 'The one before' }).click();
  await expect(page.getByText(`Event ${event?.id}`)).toBeVisible();
});

test('what comes while the page is read is told and moves nothing', async ({ page, browser }) => {
  await signIn(page, auditor);
  await open(page, 'action:session.opened');
  const first = await rows(page).first().getAttribute('data-event');
  const context = await browser.newContext();
  await signIn(await context.newPage(), 'turner-of-keys@example.test');
  await context.close();
  const pill = page.getByRole('status').getByRole('link', { name: '1 new' });
  await expect(pill).toBeVisible();
  await expect(rows(page).first()).toHaveAttribute('data-event', first ?? '');
  await pill.click();
  await expect(rows(page).nth(1)).toHaveAttribute('data-event', first ?? '');
});

test('a view is saved for everybody, renamed and removed', async ({ page }) => {
  await signIn(page, auditor);
  await open(page, 'outcome:failure');
  await page.getByRole('button', { name: 'Save this view' }).click();
  await page.getByLabel('Name of the view, for everybody').fill('What failed');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const views = page.getByRole('navigation', { name: 'Saved views' });
  await expect(views.getByRole('link', { name: 'What failed' })).toHaveAttribute('aria-current', 'page');
  await page.getByRole('button', { name: 'Rename What failed' }).click();
  await page.getByLabel('Its new name').fill('Failures');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(views.getByRole('link', { name: 'Failures' })).toBeVisible();
  await open(page, '');
  await views.getByRole('link', { name: 'Failures' }).click();
  await expect(page.getByRole('combobox', { name: 'Question' })).toHaveValue('outcome:failure');
  await page.getByRole('button', { name: 'Remove Failures' }).click();
  await expect(views).toBeHidden();
});

test('an export is what the page shows, and the audit log tells of it', async ({ page }) => {
  await signIn(page, auditor);
  await open(page, 'credential:survey-importer action:rotation.*');
  const shown = await rows(page).evaluateAll((links) => links.map((link) => link.getAttribute('data-event')));
  const jsonl = await save(page, 'Export JSONL');
  const lines = jsonl.content.toString('utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(shown);
  const csv = await save(page, 'Export CSV');
  expect(csv.name).toMatch(/^rekey-audit-\d{8}-\d{4}\.csv$/);
  expect(csv.content.toString('utf8')).toContain(reason);
  await open(page, 'action:audit.exported');
  await expect(rows(page).first()).toContainText(
    `Exported “credential:survey-importer action:rotation.*” as CSV: ${shown.length} events.`,
  );
});

test('the evidence of a rotation comes as one bundle, and its report is fit to be printed', async ({
  page,
}) => {
  await signIn(page, auditor);
  const [rotation] = await query<{ id: string }>('select id from rotations order by created_at desc');
  await open(page, `rotation:${rotation?.id}`);
  const bundle = await save(page, 'Evidence of this rotation');
  expect(bundle.name).toMatch(/^rekey-evidence-survey-importer-\d{8}-\d{4}\.zip$/);
  const text = bundle.content.toString('utf8');
  const report = text.slice(text.indexOf('<!doctype html>'), text.indexOf('</html>'));
  // By itself, as somebody opens it who got it sent.
  await page.goto('about:blank');
  await page.setContent(report);
  await expect(page.getByRole('heading', { name: 'Evidence for survey-importer' })).toBeVisible();
  await expect(page.getByText(reason).first()).toBeVisible();
  await expectAccessible(page, 'the report of a bundle');
});

test('an auditor is offered nothing that changes a credential, and a viewer no export', async ({
  page,
  browser,
}) => {
  await signIn(page, auditor);
  const [credential] = await query<{ id: string }>(
    `select id from credentials where name = 'survey-importer'`,
  );
  for (const place of [`/credentials/${credential?.id}`, '/credentials', '/issuers', '/policies', '/audit']) {
    await page.goto(`${stack.url}${place}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('button', { name: /^(Rotate|Pause|Add|Bind|Remove)/ })).toHaveCount(0);
  }
  await createUser(page, 'onlooker@example.test', 'viewer');
  const context = await browser.newContext();
  const other = await context.newPage();
  await signIn(other, 'onlooker@example.test');
  await open(other, 'outcome:success');
  await expect(rows(other).first()).toBeVisible();
  await expect(other.getByRole('button', { name: /Export|Evidence|Save/ })).toHaveCount(0);
  const answer = await other.request.post(`${stack.url}/audit/export`, {
    form: { q: '', format: 'csv' },
    headers: { origin: stack.url },
  });
  expect(answer.status()).toBe(403);
  await context.close();
});

test('an export that another page asks for is refused', async ({ page }) => {
  await signIn(page, auditor);
  const answer = await page.request.post(`${stack.url}/audit/export`, {
    form: { q: '', format: 'csv' },
    headers: { origin: 'https://elsewhere.test' },
  });
  expect(answer.status()).toBe(403);
});

test('the explorer and an event have no accessibility violation in either theme, on a phone too', async ({
  browser,
}) => {
  for (const { colorScheme, width } of [
    { colorScheme: 'light', width: 1440 },
    { colorScheme: 'dark', width: 375 },
  ] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    await signIn(page, auditor);
    await open(page, 'credential:survey-importer outcome:success');
    await expectAccessible(page, `the explorer, ${colorScheme}, ${width} px`);
    await rows(page).first().click();
    await page.getByRole('dialog').getByRole('link', { name: 'This event on a page of its own' }).click();
    await expect(page.getByText('What is stored')).toBeVisible();
    await expectAccessible(page, `an event, ${colorScheme}, ${width} px`);
    await context.close();
  }
});
