import fs from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { alive } from '#tests/e2e/support/alive.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

/* What is there is changed and taken away in the browser: with a target, an issuer, a notifier and a file of this spec's own. */

test.describe.configure({ mode: 'serial' });

const shots = process.env.REKEY_SHOTS;
const file = () => path.join(stack.sampleDir, 'unbound', '.env');

async function idOf(name: string): Promise<string> {
  const [row] = await query<{ id: string }>('select id from credentials where name = $1', [name]);
  return row?.id ?? '';
}

/** Looks at the page as it stands in both widths and themes, and back. */
async function look(page: Page, name: string): Promise<void> {
  const before = page.viewportSize() ?? { width: 1280, height: 800 };
  for (const width of [1280, 375]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await expectAccessible(page, `${name}, ${colorScheme}, ${width} px`);
      if (shots !== undefined) {
        await page.screenshot({
          path: path.join(shots, `${name}-${colorScheme}-${width}.png`),
          fullPage: true,
        });
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
}

const rowOf = (page: Page, target: string) =>
  page.getByRole('region', { name: 'Targets and the version each holds' }).getByRole('row', { name: target });

test('an admin adds a target and binds a credential to it as the canary, which the page then shows', async ({
  page,
}) => {
  fs.mkdirSync(path.dirname(file()), { recursive: true });
  fs.writeFileSync(file(), 'LOG_LEVEL=info\n');
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/targets/new?kind=dotenv`);
  await page.getByLabel('Name').fill('Files to unbind');
  await page.getByRole('button', { name: 'Add target' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Targets' })).toBeVisible();
  const [target] = await query<{ id: string }>(`select id from targets where name = 'Files to unbind'`);
  await page.goto(
    `${stack.url}/credentials/${await idOf('survey-importer')}/bindings/new?target=${target?.id}`,
  );
  await page.getByLabel('Path').fill(file());
  await page.getByLabel('Client secret').fill('UNBOUND_SECRET');
  await page.getByRole('checkbox', { name: 'Canary' }).check();
  await page.getByRole('button', { name: 'Bind target' }).click();
  const row = rowOf(page, 'Files to unbind');
  await expect(row).toContainText('Canary: it is delivered to first.');
  expect(fs.readFileSync(file(), 'utf8')).toContain('UNBOUND_SECRET=');
});

test('an operator makes it best effort, is refused where it would stay the canary, and sees what came of it', async ({
  operator: page,
}) => {
  await page.goto(`${stack.url}/credentials/${await idOf('survey-importer')}`);
  await alive(page);
  await look(page, 'credential');
  await rowOf(page, 'Files to unbind').getByRole('link', { name: 'Change… Files to unbind' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Change a binding' })).toBeVisible();
  await expect(page.getByLabel('Required')).toBeChecked();
  await page.getByLabel('Required').uncheck();
  await page.getByRole('button', { name: 'Save binding' }).click();
  await expect(page.getByText('Nobody waits for a best-effort delivery')).toBeVisible();
  await look(page, 'change-binding');
  await page.getByRole('checkbox', { name: 'Canary' }).uncheck();
  await page.getByLabel('Confirmed when it is').selectOption('accepted');
  await page.getByRole('button', { name: 'Save binding' }).click();
  const row = rowOf(page, 'Files to unbind');
  await expect(row).toContainText('best effort, needs accepted');
  await expect(row).not.toContainText('Canary');
});

test('it is unbound after a question that says what stays, and the file keeps its secret', async ({
  operator: page,
}) => {
  await page.goto(`${stack.url}/credentials/${await idOf('survey-importer')}`);
  await alive(page);
  const held = fs.readFileSync(file(), 'utf8');
  await rowOf(page, 'Files to unbind').getByRole('button', { name: 'Unbind… Files to unbind' }).click();
  const dialog = page.getByRole('dialog', { name: 'Unbind survey-importer from Files to unbind?' });
  await expect(dialog).toContainText('What was delivered stays at Files to unbind');
  await look(page, 'unbind');
  await dialog.getByRole('button', { name: 'Unbind', exact: true }).click();
  // What lies behind a dialog is hidden from roles, so that the row would seem gone.
  await expect(dialog).toHaveCount(0);
  await expect(rowOf(page, 'Files to unbind')).toHaveCount(0);
  expect(fs.readFileSync(file(), 'utf8')).toBe(held);
  const [event] = await query<{ n: number }>(
    `select count(*)::int as n from audit_events where action = 'binding.archived' and body like '%"Files to unbind"%'`,
  );
  expect(event?.n).toBe(1);
});

test('an operator archives neither issuers nor targets', async ({ operator: page }) => {
  await page.goto(`${stack.url}/targets`);
  await expect(page.getByRole('button', { name: 'Check Files to unbind' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Archive/ })).toHaveCount(0);
  await page.goto(`${stack.url}/issuers`);
  await expect(page.getByRole('button', { name: /^Check/ }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: /^Archive/ })).toHaveCount(0);
});

test('an admin archives the target that nothing is bound to; one that is in use is off and says why', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/targets`);
  await alive(page);
  const used = page.getByRole('button', { name: 'Archive… Env file (sample)' });
  await expect(used).toBeDisabled();
  await expect(used).toHaveAccessibleDescription(/bindings must be unbound first\.$/);
  await look(page, 'targets');
  await page.getByRole('button', { name: 'Archive… Files to unbind' }).click();
  const dialog = page.getByRole('dialog', { name: 'Archive Files to unbind?' });
  await expect(dialog).toContainText('what was delivered stays there');
  await dialog.getByRole('button', { name: 'Archive', exact: true }).click();
  await expect(page.getByText('Files to unbind', { exact: true })).toHaveCount(0);
});

test('an admin archives an issuer that has no credentials, and its name can be given again', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  for (const turn of ['first', 'again']) {
    await page.goto(`${stack.url}/issuers/new?kind=surfacescout`);
    await page.getByLabel('Name', { exact: true }).fill('Vendor to archive');
    await page.getByLabel('Address', { exact: true }).fill(stack.vendor.url);
    await page.getByLabel('Admin token').fill('not-asked-for');
    await page.getByRole('button', { name: 'Add issuer' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Issuers' }), turn).toBeVisible();
    await alive(page);
    if (turn === 'first') {
      await look(page, 'issuers');
    }
    await page.getByRole('button', { name: 'Archive… Vendor to archive' }).click();
    const dialog = page.getByRole('dialog', { name: 'Archive Vendor to archive?' });
    await dialog.getByRole('button', { name: 'Archive', exact: true }).click();
    await expect(page.getByText('Vendor to archive', { exact: true })).toHaveCount(0);
  }
});

test('an admin changes what a notifier tells of without its secret; where it sends to wants it again', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/notifiers/new?kind=webhook`);
  await page.getByLabel('Name').fill('To be changed');
  await page.getByLabel('Address of the receiver').fill(`http://127.0.0.1:${stack.inboxPort}/notices`);
  await page.getByLabel('Signing secret').fill(`whsec_${Buffer.alloc(32, 5).toString('base64')}`);
  await page.getByRole('button', { name: 'Add notifier' }).click();
  await page.getByRole('link', { name: 'Change To be changed' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Change To be changed' })).toBeVisible();
  await look(page, 'notifier');
  await page.getByLabel('Name').fill('Changed');
  await page.getByLabel('A secret expires soon').uncheck();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const line = page.getByRole('listitem').filter({ has: page.getByText('Changed', { exact: true }) });
  await expect(line).toContainText('A rotation is held');
  await expect(line).not.toContainText('A secret expires soon');
  await page.getByRole('link', { name: 'Change Changed' }).click();
  await page.getByLabel('Address of the receiver').fill(`http://127.0.0.1:${stack.inboxPort}/elsewhere`);
  await page.getByLabel('Signing secret').fill(`whsec_${Buffer.alloc(32, 6).toString('base64')}`);
  await page.getByRole('button', { name: 'Send there from now on' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Notifiers' })).toBeVisible();
  const events = await query<{ body: string }>(
    `select body from audit_events where action = 'notifier.changed' order by id`,
  );
  expect(events.map(({ body }) => JSON.parse(body).secrets)).toEqual([[], ['signingSecret']]);
  await page.getByRole('button', { name: 'Remove Changed' }).click();
  await page.getByRole('button', { name: 'Really remove Changed' }).click();
  await expect(page.getByText('Changed', { exact: true })).toHaveCount(0);
});
