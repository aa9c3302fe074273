import type { Page } from '@playwright/test';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import {
  advanceClock,
  askToken,
  consumerState,
  expect,
  expectCurrentInUse,
  query,
  secretInFile,
  signIn,
  stack,
  test,
} from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

async function openRotateDialog(page: Page, name: string): Promise<void> {
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name, exact: true }).click();
  await openRotateSheet(page);
}

let old = '';
let failuresBefore = 0;

test('the dialog shows the plan before anything happens: strategy, steps, targets, overlap with its end', async ({
  operator: page,
}) => {
  await openRotateDialog(page, 'fleet-api');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('accepts two secrets at the same time');
  await expect(dialog).toContainText('Env file (sample), Webhook receiver (sample)');
  await expect(dialog.getByRole('radio', { name: '24 hours' })).toBeChecked();
  await dialog.getByRole('radio', { name: '1 hour' }).check();
  await expect(dialog).toContainText(
    /Rotate fleet-api \(v1 → v2\) in production; v1 stops working \w+ \d+ \w+ \d{4}, \d\d:\d\d/,
  );
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  expect(await query('select 1 from rotations')).toEqual([]);
});

test('a double click starts one rotation, and its progress survives a reload', async ({ operator: page }) => {
  old = secretInFile('fleet-api');
  failuresBefore = (await consumerState('fleet-api')).failures;
  await openRotateDialog(page, 'fleet-api');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: '1 hour' }).check();
  await dialog.getByLabel('Reason', { exact: true }).fill('Quarterly rotation');
  await dialog.getByRole('button', { name: 'Rotate' }).dblclick();
  await page.waitForURL('**/rotations/*');
  await expect(page.getByRole('status').filter({ hasText: 'Phase: Overlap' })).toBeAttached();
  expect(await query('select 1 from rotations')).toHaveLength(1);
  await page.reload();
  await expect(page.getByRole('status').filter({ hasText: 'Phase: Overlap' })).toBeAttached();
});

test('during the overlap both secrets work, and every target holds the new one', async ({
  operator: page,
}) => {
  const fresh = secretInFile('fleet-api');
  expect(fresh).not.toBe(old);
  expect(await askToken('fleet-api', old)).toMatchObject({ status: 200 });
  expect(await askToken('fleet-api', fresh)).toMatchObject({ status: 200 });
  await page.goto(`${stack.url}/credentials`);
  await expect(page.getByRole('row').filter({ hasText: 'fleet-api' })).toContainText('In overlap until');
  await page.getByRole('link', { name: 'fleet-api', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'fleet-api' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Previous' })).toContainText('Stops working');
});

test('another browser sees the end live: the old secret is revoked after the overlap, and refused', async ({
  operator: page,
}) => {
  const [rotation] = await query<{ id: string }>('select id from rotations');
  await expectCurrentInUse('fleet-api');
  // In two steps: a session that saw nothing for an hour ends, and with it whatever the stream has to be opened anew for.
  await advanceClock('40 minutes');
  await page.goto(`${stack.url}/rotations/${rotation?.id}`);
  await expect(page.getByRole('status').filter({ hasText: 'Phase: Overlap' })).toBeAttached();
  await advanceClock('21 minutes');
  await expect(page.getByRole('status').filter({ hasText: 'Rotation completed.' })).toBeAttached();
  await expect(page.getByText('Signing in with v1 is refused.')).toBeVisible();
  expect(await askToken('fleet-api', old)).toEqual({ status: 401, error: 'invalid_client' });
  expect(await askToken('fleet-api', secretInFile('fleet-api'))).toMatchObject({ status: 200 });
});

test('the application noticed nothing: no failed request in the whole rotation, and it uses the new version', async () => {
  await expectCurrentInUse('fleet-api');
  expect((await consumerState('fleet-api')).failures - failuresBefore).toBe(0);
});

test('the audit names who did it and why, filtered by credential, actor and action', async ({
  operator: page,
}) => {
  await page.goto(`${stack.url}/audit?q=action:rotation.requested actor:operator@example.test`);
  const row = page.getByRole('row').filter({ hasText: 'fleet-api' });
  await expect(row).toHaveCount(1);
  await page.goto(`${stack.url}/audit?q=action:rotation.requested actor:nobody`);
  await expect(page.getByRole('row').filter({ hasText: 'fleet-api' })).toHaveCount(0);
  const actions = await query<{ action: string }>(
    `select action from audit_events where rotation_id is not null and action not like 'step.%' order by id`,
  );
  expect(actions.map((row_) => row_.action)).toEqual([
    'rotation.requested',
    'rotation.started',
    'secret.issued',
    'secret.delivered',
    'secret.delivered',
    'secret.confirmed',
    'secret.confirmed',
    'rotation.promoted',
    'secret.revoked',
    'secret.proven_dead',
    'rotation.completed',
  ]);
});

test('a viewer sees no Rotate button, and sending the action’s own request is refused', async ({
  browser,
}) => {
  const operatorContext = await browser.newContext();
  const page = await operatorContext.newPage();
  await signIn(page, 'operator@example.test');
  await openRotateDialog(page, 'survey-importer');
  const sent = page.waitForRequest(
    (request) => request.method() === 'POST' && request.url().includes('/credentials/'),
  );
  // The request is caught before it leaves, so that only the viewer's copy of it is ever sent.
  await page.route('**/credentials/*', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  );
  await rotateFromSheet(page);
  const request = await sent;

  const viewerContext = await browser.newContext();
  const viewer = await viewerContext.newPage();
  await signIn(viewer, 'viewer@example.test');
  await viewer.goto(request.url());
  await expect(viewer.getByRole('button', { name: 'Rotate' })).toHaveCount(0);
  const { cookie: _cookie, 'content-length': _length, ...headers } = await request.allHeaders();
  const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')));
  const answer = await viewerContext.request.post(request.url(), {
    headers: plain,
    data: request.postData() ?? '',
  });
  expect(await answer.text()).toContain('role_missing');
  expect(
    await query(
      `select 1 from rotations r join credentials c on c.id = r.credential_id where c.name = 'survey-importer'`,
    ),
  ).toEqual([]);
  await operatorContext.close();
  await viewerContext.close();
});
