import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import {
  advanceClock,
  askToken,
  consumerState,
  createUser,
  expect,
  query,
  secretInFile,
  signIn,
  stack,
  test,
} from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

const refused = { status: 401, error: 'invalid_client' };

async function openRotateDialog(page: Page, name: string): Promise<void> {
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name, exact: true }).click();
  await openRotateSheet(page);
}

/** Rotates fleet-api from the console and answers when both secrets work. */
async function rotateIntoOverlap(page: Page, overlap: string): Promise<void> {
  await openRotateDialog(page, 'fleet-api');
  await page.getByRole('dialog').getByRole('radio', { name: overlap }).check();
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  await expectStatus(page, 'Phase: Overlap');
}

const expectStatus = (page: Page, text: string) =>
  expect(page.getByRole('status').filter({ hasText: text })).toBeAttached();

const actions = (page: Page) => page.getByRole('region', { name: 'Actions' });

async function act(page: Page, name: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
}

async function currentVersion(name: string): Promise<{ id: string; n: number } | undefined> {
  const [row] = await query<{ id: string; n: number }>(
    `select v.id, v.n from secret_versions v join credentials c on c.id = v.credential_id
      where c.name = $1 and v.state = 'current'`,
    [name],
  );
  return row;
}

async function lastRotation(): Promise<{ id: string; outcome: string | null; overlap_ends_at: Date | null }> {
  const [row] = await query<{ id: string; outcome: string | null; overlap_ends_at: Date | null }>(
    `select r.id, r.outcome, r.overlap_ends_at from rotations r join credentials c on c.id = r.credential_id
      where c.name = 'fleet-api' order by r.created_at desc limit 1`,
  );
  if (row === undefined) {
    throw new Error('There is no rotation of fleet-api.');
  }
  return row;
}

test.beforeAll(async ({ browser }) => {
  const page = await browser.newPage();
  await createUser(page, 'turner@example.test', 'operator');
  await createUser(page, 'breaker@example.test', 'admin');
  await createUser(page, 'watcher@example.test', 'viewer');
  await page.close();
});

test.beforeEach(async ({ page }) => {
  await signIn(page, 'turner@example.test');
});

test('a rotation is rolled back from its page: the old secret is current again, the new one refused, and the application failed no request', async ({
  page,
}) => {
  const old = secretInFile('fleet-api');
  const before = await currentVersion('fleet-api');
  const application = await consumerState('fleet-api');
  await rotateIntoOverlap(page, '7 days');
  const fresh = secretInFile('fleet-api');
  expect(fresh).not.toBe(old);
  const version = (await currentVersion('fleet-api'))?.n;

  await actions(page).getByRole('button', { name: 'Roll back…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(`Every target that may have v${version} gets v${before?.n} again`);
  await expect(dialog).toContainText(`v${version} is current; v${before?.n} still works.`);
  await expect(dialog).toContainText('It cannot be turned forward again.');
  await expectAccessible(page, 'the dialog of a roll-back');
  await dialog.getByLabel('Reason (optional)').fill('The new secret confuses the importer');
  await act(page, 'Roll back');
  await expect(dialog).toBeHidden();

  await expectStatus(page, 'Rotation rolled back.');
  await expect(page.getByRole('heading', { name: 'Rolled back' })).toBeVisible();
  await expect(
    page.getByText(
      `v${before?.n} is current again. v${version} was retired. Signing in with v${version} is refused.`,
    ),
  ).toBeVisible();
  await expect(actions(page)).toHaveCount(0);
  await expectAccessible(page, 'a rotation that was rolled back');
  expect(await currentVersion('fleet-api')).toEqual(before);
  expect(secretInFile('fleet-api')).toBe(old);
  expect(await askToken('fleet-api', old)).toMatchObject({ status: 200 });
  expect(await askToken('fleet-api', fresh)).toEqual(refused);

  await expect.poll(async () => (await consumerState('fleet-api')).versionId).toBe(before?.id);
  const seen = (await consumerState('fleet-api')).requests;
  await expect.poll(async () => (await consumerState('fleet-api')).requests).toBeGreaterThan(seen + 2);
  expect((await consumerState('fleet-api')).failures).toBe(application.failures);
});

test('the way back stands in the audit, with who turned it and why', async ({ page }) => {
  const { id } = await lastRotation();
  await page.goto(`${stack.url}/audit?q=rotation:${id}`);
  await expect(
    page.getByText('Turned the rotation back. Reason: The new secret confuses the importer').first(),
  ).toBeVisible();
  await expect(page.getByText('The rotation was rolled back.').first()).toBeVisible();
  const [event] = await query<{ name: string }>(
    `select body::jsonb -> 'actor' ->> 'name' as name from audit_events
      where rotation_id = $1 and action = 'rotation.turned_back'`,
    [id],
  );
  expect(event?.name).toContain('turner');
});

test('an overlap is extended to exactly the end that the dialog showed', async ({ page }) => {
  await rotateIntoOverlap(page, '1 hour');
  const { overlap_ends_at: before } = await lastRotation();
  await actions(page).getByRole('button', { name: 'Extend overlap…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /^24 hours more/ }).check();
  await expectAccessible(page, 'the dialog of an extension');
  await act(page, 'Extend overlap');
  await expect(dialog).toBeHidden();
  const { overlap_ends_at: after } = await lastRotation();
  const longer = ((after?.getTime() ?? 0) - (before?.getTime() ?? 0)) / 1000;
  expect(longer).toBe(86_400);
  const shown = page.getByRole('region', { name: 'Overlap' }).locator('time');
  await expect(shown).toHaveAttribute('datetime', after?.toISOString() ?? '');
});

test('a rotation that a person holds says where things stand, and goes on when it is resumed', async ({
  page,
}) => {
  const { id } = await lastRotation();
  await page.goto(`${stack.url}/rotations/${id}`);
  await actions(page).getByRole('button', { name: 'Hold…' }).click();
  await expect(page.getByRole('dialog')).toContainText('Until then the old secret is not revoked');
  await page.getByRole('dialog').getByLabel('Reason (optional)').fill('Release weekend');
  await act(page, 'Hold');
  await expectStatus(page, 'Held at Overlap.');
  await expect(page.getByText('Release weekend')).toBeVisible();
  await expectAccessible(page, 'a held rotation');
  await page.getByRole('link', { name: 'fleet-api', exact: true }).click();
  await expect(
    page.getByText('The rotation is held: A person stopped the rotation where it is.'),
  ).toBeVisible();
  await page.goto(`${stack.url}/rotations/${id}`);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expectStatus(page, 'Phase: Overlap');
});

test('ending an overlap takes a recent sign-in; who does not give the password again changes nothing', async ({
  page,
  browser,
}) => {
  const { id } = await lastRotation();
  await advanceClock('6 minutes');
  await page.goto(`${stack.url}/rotations/${id}`);
  await actions(page).getByRole('button', { name: 'End overlap now…' }).click();
  await expect(page.getByRole('dialog')).toContainText('It cannot be undone');
  await act(page, 'End overlap now');
  const again = page.getByRole('dialog', { name: 'Is it still you?' });
  await expectAccessible(page, 'the question who is there, over the dialog');
  await again.getByRole('button', { name: 'Not now' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Give your password again' })).toBeVisible();
  await expectAccessible(page, 'a refused end of an overlap');
  expect(await lastRotation()).toMatchObject({ id, outcome: null });

  const fresh = await (await browser.newContext()).newPage();
  await signIn(fresh, 'turner@example.test');
  await fresh.goto(`${stack.url}/rotations/${id}`);
  await actions(fresh).getByRole('button', { name: 'End overlap now…' }).click();
  await act(fresh, 'End overlap now');
  await expectStatus(fresh, 'Rotation completed.');
  // The dialog that is still open elsewhere says that it has come too late.
  await expect(page.getByText('This cannot be done any more. The rotation has ended.')).toBeVisible();
  await fresh.context().close();
});

test('a secret in the wrong hands: the open rotation ends, and nothing that was known before works any more', async ({
  page,
}) => {
  const oldest = secretInFile('fleet-api');
  const application = await consumerState('fleet-api');
  await rotateIntoOverlap(page, '7 days');
  const first = await lastRotation();
  const leaked = secretInFile('fleet-api');
  await openRotateDialog(page, 'fleet-api');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: 'This secret is in the wrong hands' }).check();
  await expect(dialog).toContainText('There is no overlap.');
  await expect(dialog.getByRole('radio')).toHaveCount(0);
  await expectAccessible(page, 'the rotate dialog after a breach');
  await dialog.getByRole('button', { name: 'Rotate now' }).click();
  // Without a reason nothing is sent.
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('Reason', { exact: true }).fill('It stood in a public log');
  await dialog.getByRole('button', { name: 'Rotate now' }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/rotations/') && !url.pathname.endsWith(first.id));
  await expectStatus(page, 'Rotation completed.');
  expect(await askToken('fleet-api', oldest)).toEqual(refused);
  expect(await askToken('fleet-api', leaked)).toEqual(refused);
  expect(await askToken('fleet-api', secretInFile('fleet-api'))).toMatchObject({ status: 200 });
  expect((await consumerState('fleet-api')).failures).toBe(application.failures);
  await page.goto(`${stack.url}/rotations/${first.id}`);
  await expect(page.getByRole('heading', { name: 'Superseded' })).toBeVisible();
});

test('a rotation that has changed nothing outside can be cancelled, and says that the old secret stays', async ({
  page,
}) => {
  await openRotateDialog(page, 'partner-portal');
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  await expect(page.getByText('Waiting: the current secret still works.')).toBeVisible();
  await expect(actions(page)).toContainText('cancel it instead');
  await actions(page).getByRole('button', { name: 'Cancel rotation…' }).click();
  await act(page, 'Cancel rotation');
  await expectStatus(page, 'Rotation cancelled.');
  await expect(page.getByText(/Nothing outside was changed: v\d+ stays current\./)).toBeVisible();
});

test('breaking the glass is offered to operators and admins, who ask a second person where one is there; a viewer is offered nothing', async ({
  page,
  browser,
}) => {
  await rotateIntoOverlap(page, '1 hour');
  const { id } = await lastRotation();
  // Back at its confirmation: there the glass can be broken, and the overlap cannot be ended.
  await query(`update rotations set hold = 'confirmation_pending', phase = 'confirm' where id = $1`, [id]);
  await page.goto(`${stack.url}/rotations/${id}`);
  await expect(page.getByRole('button', { name: 'Hold…' })).toHaveCount(0);
  await expect(actions(page).getByRole('button', { name: 'Break glass…' })).toBeVisible();

  const admin = await (await browser.newContext()).newPage();
  await signIn(admin, 'breaker@example.test');
  await admin.goto(`${stack.url}/rotations/${id}`);
  await actions(admin).getByRole('button', { name: 'Break glass…' }).click();
  const dialog = admin.getByRole('dialog');
  await expect(dialog).toContainText('A second person has to confirm it within 30 minutes');
  await expect(dialog.getByLabel('Type fleet-api to confirm')).toHaveCount(0);
  await dialog.getByLabel('Reason', { exact: true }).fill('It leaked');
  await expect(dialog.getByRole('button', { name: 'Ask a second person' })).toBeEnabled();
  await expectAccessible(admin, 'the dialog that breaks the glass');
  await admin.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(actions(admin).getByRole('button', { name: 'Break glass…' })).toBeFocused();
  await admin.context().close();

  const viewer = await (await browser.newContext()).newPage();
  await signIn(viewer, 'watcher@example.test');
  await viewer.goto(`${stack.url}/rotations/${id}`);
  await expect(actions(viewer)).toContainText('takes the role operator or admin');
  await expect(actions(viewer).getByRole('button')).toHaveCount(0);
  await viewer.context().close();
  await page.getByRole('button', { name: 'Roll back…' }).click();
  await act(page, 'Roll back');
  await expectStatus(page, 'Rotation rolled back.');
});
