import fs from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import {
  advanceClock,
  askToken,
  endOverlap,
  expect,
  expectCurrentInUse,
  query,
  secretInFile,
  signIn,
  stack,
  test,
} from '#tests/e2e/support/stack.ts';
import { fakeSmtp } from '#tests/fakes/smtp.ts';

/*
 * What the console guarantees, and the tests in a real browser that show it. Those of this file are what no other file
 * shows; tests/acceptance.test.ts sees that each test there is.
 *
 * The old secret still gets a token in the overlap, and is refused after it.
 *   03-overlap: during the overlap both secrets work, and every target holds the new one
 *   03-overlap: another browser sees the end live: the old secret is revoked after the overlap, and refused
 *   03-overlap: the application noticed nothing: no failed request in the whole rotation, and it uses the new version
 * Every overlap shows its exact end, can be extended and rolled back, and never begins with none.
 *   03-overlap: the dialog shows the plan before anything happens: strategy, steps, targets, overlap with its end
 *   09-roll-back: an overlap is extended to exactly the end that the dialog showed
 *   26-rotate-sheet: “No overlap” is the last choice, never the first, and takes the name of the credential
 *   30-acceptance: every overlap that runs stands in the list with its exact end, one click from its extension and its roll-back
 * No overlap is begun that has no end, or for which the issuer has no free slot.
 *   30-acceptance: every choice of an overlap says when it ends, and a full issuer is told of before anything is issued
 * Preflight speaks before any outside call changes anything; a failure is readable at once and stays in the history.
 *   26-rotate-sheet: the button is off until the preflight has answered, and says so
 *   26-rotate-sheet: an obstacle keeps the button off and names what to do; once that is done, looking again lets it on
 *   30-acceptance: a failed delivery is read without a hover or a reload, is tried again from there by a person whom the audit log names, and stays in the history
 * Rules are in IANA zones, the next run is moved by hand, collisions are marked, and nothing rotates by surprise.
 *   19-calendar: the preview marks where clocks change, and rules that collide are refused with a sentence
 *   19-calendar: a credential is given a policy with its first run at a time, and its next run is moved
 *   19-calendar: the calendar shows a month and a list of the same runs, with its state in the address
 *   06-schedule: a policy rotates without a click, once per slot, and the application notices nothing
 *   30-acceptance: a policy that is switched on again makes up for no slot that passed meanwhile
 * A rotation is undone from its entry in the log while its overlap lasts.
 *   30-acceptance: a rotation is undone from its entry in the audit log while the overlap lasts, and not after it
 *   30-acceptance: the history of a credential leads back too, and no role is led to what it may not do
 * The audit log is asked in free text and qualifiers, hides no range, exports what it shows, and is verified.
 *   16-audit-explorer: an auditor sees who rotated what, when, why, and whether it worked
 *   16-audit-explorer: the line suggests while it is typed, and its parts are taken away one by one
 *   16-audit-explorer: an export is what the page shows, and the audit log tells of it
 *   24-verify-audit: an auditor verifies the log, sees who vouches for it, and is shown the row that somebody altered
 * Steps are seen live, no secret is in the queue, a retry goes on from the failed step, and who retried is in the audit log.
 *   03-overlap: a double click starts one rotation, and its progress survives a reload
 *   07-canary: no secret stands in the database or the queue
 *   30-acceptance: a failed delivery is read without a hover or a reload, is tried again from there by a person whom the audit log names, and stays in the history
 * What is due or expires is seen first, and told by mail and webhook.
 *   20-overview: the home page names the worst of what fails and of what is due, and each number leads to its list
 *   30-acceptance: what expires soon is told by mail and webhook, once, with a link that leads there
 */

test.describe.configure({ mode: 'serial' });

const rotationsOfFleet = () =>
  query<{ id: string; outcome: string | null; phase: string; hold: string | null; ends: Date | null }>(
    `select r.id, r.outcome, r.phase, r.hold, r.overlap_ends_at as ends
       from rotations r join credentials c on c.id = r.credential_id
      where c.name = 'fleet-api' order by r.created_at desc`,
  );

const fleetId = async () =>
  (await query<{ id: string }>(`select id from credentials where name = 'fleet-api'`))[0]?.id ?? '';

async function goToFleet(page: Page): Promise<void> {
  await page.goto(`${stack.url}/credentials/${await fleetId()}`);
  await expect(page.getByRole('heading', { name: 'fleet-api', level: 1 })).toBeVisible();
}

const expectStatus = (page: Page, text: string) =>
  expect(page.getByRole('status').filter({ hasText: text })).toBeAttached({ timeout: 60_000 });

/** Rotates fleet-api from the console and answers with the page of the rotation, when both secrets work. */
async function rotateIntoOverlap(page: Page): Promise<string> {
  await goToFleet(page);
  await openRotateSheet(page);
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  await expectStatus(page, 'Phase: Overlap');
  return page.url();
}

/** As a person on the vendor's side makes and removes secrets. */
async function atVendor(method: 'POST' | 'DELETE', part: string): Promise<{ id: string }> {
  const { sampleToken } = JSON.parse(fs.readFileSync(path.join(stack.dataDir, 'keys.json'), 'utf8'));
  const answer = await fetch(new URL(`/admin/clients/fleet-api/${part}`, stack.vendor.url), {
    method,
    headers: { authorization: `Bearer ${sampleToken}`, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: '{}' } : {}),
  });
  expect(answer.ok).toBe(true);
  return method === 'POST' ? ((await answer.json()) as { id: string }) : { id: '' };
}

test.beforeAll(() => endOverlap('fleet-api'));

test('every choice of an overlap says when it ends, and a full issuer is told of before anything is issued', async ({
  operator: page,
}) => {
  const before = (await rotationsOfFleet()).length;
  await goToFleet(page);
  const sheet = await openRotateSheet(page);
  await expect(sheet.getByRole('region', { name: 'Preflight' })).toContainText(
    'has a free slot for the new secret.',
  );
  for (const length of ['1 hour', '24 hours', '3 days', '7 days']) {
    await expect(sheet.getByRole('radio', { name: length, exact: true })).toHaveAccessibleDescription(
      /\d{4}, \d\d:\d\d/,
    );
  }
  // A comparison with the issuer that came just now would tell of the secret as a finding.
  await query(`update credentials set drift_at = rekey_now() + interval '1 day' where name = 'fleet-api'`);
  const stranger = await atVendor('POST', 'secrets');
  try {
    await page.reload();
    await openRotateSheet(page);
    const blocked = sheet.getByRole('listitem').filter({ hasText: 'Blocked' });
    await expect(blocked).toContainText('It already holds 2 live secrets of fleet-api and accepts 2.');
    await expect(blocked).toContainText('What to do: Remove at the issuer the secret that is not in use.');
    await expect(sheet.getByRole('button', { name: 'Rotate', exact: true })).toBeDisabled();
  } finally {
    await atVendor('DELETE', `secrets/${stranger.id}`);
    await query(`update credentials set drift_at = null where name = 'fleet-api'`);
  }
  await sheet.getByRole('button', { name: 'Look again' }).click();
  await expect(sheet).toContainText('Everything is ready.');
  expect(await rotationsOfFleet()).toHaveLength(before);
});

test('every overlap that runs stands in the list with its exact end, one click from its extension and its roll-back', async ({
  operator: page,
}) => {
  await rotateIntoOverlap(page);
  const [rotation] = await rotationsOfFleet();
  await page.goto(`${stack.url}/credentials`);
  const row = page.getByRole('row').filter({ hasText: 'fleet-api' });
  await expect(row).toContainText('In overlap until');
  await expect(row.locator(`time[datetime="${rotation?.ends?.toISOString()}"]`)).toBeVisible();
  await page.goto(`${stack.url}/rotations?state=running`);
  await page.getByRole('row').filter({ hasText: 'fleet-api' }).getByRole('link').first().click();
  const actions = page.getByRole('region', { name: 'Actions' });
  for (const name of ['Extend overlap…', 'Roll back…', 'End overlap now…']) {
    await expect(actions.getByRole('button', { name })).toBeVisible();
  }
  const endless = await query(`select 1 from rotations where phase = 'overlap' and overlap_ends_at is null`);
  expect(endless).toEqual([]);
});

test('the history of a credential leads back too, and no role is led to what it may not do', async ({
  operator: page,
  browser,
}) => {
  const [rotation] = await rotationsOfFleet();
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'viewer@example.test');
  await goToFleet(other);
  await expect(other.getByRole('heading', { name: 'History' })).toBeVisible();
  await expect(other.getByRole('link', { name: 'Roll back…' })).toHaveCount(0);
  await other.goto(`${stack.url}/rotations/${rotation?.id}?act=roll_back`);
  await expect(other.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(other.getByRole('dialog')).toHaveCount(0);
  await other.context().close();

  await goToFleet(page);
  await page.getByRole('region', { name: 'History' }).getByRole('link', { name: 'Roll back…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Roll back: fleet-api' });
  await expect(dialog).toBeVisible();
  await expect(page).toHaveURL(`${stack.url}/rotations/${rotation?.id}`);
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect(dialog).toBeHidden();
  await page.reload();
  await expectStatus(page, 'Phase: Overlap');
  await expect(dialog).toBeHidden();
});

test('a rotation is undone from its entry in the audit log while the overlap lasts, and not after it', async ({
  operator: page,
}) => {
  const fresh = secretInFile('fleet-api');
  const [rotation] = await rotationsOfFleet();
  await page.goto(`${stack.url}/audit?q=rotation:${rotation?.id} action:rotation.promoted`);
  await page.locator('[data-event]').click();
  const side = page.getByRole('dialog');
  await expect(side).toContainText('Both secrets still work.');
  await expectAccessible(page, 'an event with a way back');
  await side.getByRole('link', { name: 'This event on a page of its own' }).click();
  await page.waitForURL('**/audit/events/*');
  const event = page.url();
  await page.getByRole('link', { name: 'Roll back…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Roll back: fleet-api' });
  await dialog.getByLabel('Reason (optional)').fill('Undone from the log');
  await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expectStatus(page, 'Rotation rolled back.');
  expect(await askToken('fleet-api', fresh)).toMatchObject({ status: 401 });
  expect(await askToken('fleet-api', secretInFile('fleet-api'))).toMatchObject({ status: 200 });
  await page.goto(event);
  await expect(page.getByText('What is stored')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Roll back…' })).toHaveCount(0);
});

test('a failed delivery is read without a hover or a reload, is tried again from there by a person whom the audit log names, and stays in the history', async ({
  operator: page,
}) => {
  // Where the receiver writes first stands a folder, so that it answers 500 to what it is to keep, and 200 to the preflight.
  const obstacle = path.join(stack.sampleDir, 'receiver.json.new');
  fs.mkdirSync(obstacle);
  try {
    await goToFleet(page);
    const sheet = await openRotateSheet(page);
    await expect(sheet).toContainText('Everything is ready.');
    await rotateFromSheet(page);
    await page.waitForURL('**/rotations/*');
    const failure = page.getByText(/Attempt 1 failed at Webhook receiver \(sample\): .*500/);
    await expect(failure).toBeVisible({ timeout: 60_000 });
    // The waits between the tries, which come sooner for a clock that is moved.
    await expect
      .poll(
        async () => {
          await advanceClock('3 minutes');
          return (await rotationsOfFleet())[0]?.hold;
        },
        { timeout: 60_000, intervals: [1500] },
      )
      .toBe('delivery_exhausted');
    await expect(
      page.getByRole('heading', { name: /^Held: The new secret could not be delivered/ }),
    ).toBeVisible();
    await expectAccessible(page, 'a rotation that is held for a delivery');
  } finally {
    fs.rmdirSync(obstacle);
  }
  const rotation = page.url();
  await page.getByRole('button', { name: 'Deliver to all again' }).click();
  await expectStatus(page, 'Phase: Overlap');
  const [{ id } = { id: '' }] = await rotationsOfFleet();
  const issued = await query(`select 1 from rotation_steps where rotation_id = $1 and phase = 'issue'`, [id]);
  expect(issued).toHaveLength(1);

  await page.goto(`${stack.url}/audit?q=rotation:${id} action:rotation.resumed`);
  await expect(page.getByRole('row').filter({ hasText: 'rotation.resumed' })).toContainText(
    'operator@example.test',
  );
  await page.goto(`${stack.url}/audit?q=rotation:${id} outcome:failure`);
  await expect(page.getByRole('row').filter({ hasText: 'step.failed' }).first()).toBeVisible();
  await expectCurrentInUse('fleet-api');
  await advanceClock('25 hours');
  await signIn(page, 'operator@example.test');
  await page.goto(rotation);
  await expectStatus(page, 'Rotation completed.');
  await expect(
    page.getByText(/Before it was resumed, this failed at Webhook receiver \(sample\): Delivering .*500/),
  ).toBeVisible();
});

test('a policy that is switched on again makes up for no slot that passed meanwhile', async ({ page }) => {
  const before = (await rotationsOfFleet()).length;
  const [policy] = await query<{ id: string }>(
    `insert into policies (id, name, cron, time_zone, grace_seconds, enabled)
     values (gen_random_uuid(), 'nightly (acceptance spec)', '0 3 * * *', 'Europe/Berlin', 60, false) returning id`,
  );
  await query(
    `insert into policy_assignments (credential_id, policy_id, slot, due_at)
     select id, $1, rekey_now() - interval '2 days', rekey_now() - interval '2 days' from credentials where name = 'fleet-api'
     on conflict (credential_id) do update set policy_id = excluded.policy_id, slot = excluded.slot, due_at = excluded.due_at`,
    [policy?.id],
  );
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/policies/${policy?.id}`);
  await expect(page.getByText('It is off: none of its credentials rotates by it.')).toBeVisible();
  await page.getByRole('button', { name: 'Switch on' }).click();
  await expect(page.getByRole('button', { name: 'Switch off' })).toBeVisible();
  const due = async () =>
    (
      await query<{ ahead: boolean | null }>(
        'select due_at > rekey_now() as ahead from policy_assignments where policy_id = $1',
        [policy?.id],
      )
    )[0]?.ahead;
  await expect.poll(due, { timeout: 30_000 }).toBe(true);
  expect(await rotationsOfFleet()).toHaveLength(before);
  await query('delete from policy_assignments where policy_id = $1', [policy?.id]);
  await query('update policies set enabled = false where id = $1', [policy?.id]);
});

test('what expires soon is told by mail and webhook, once, with a link that leads there', async ({
  page,
}) => {
  const mail = await fakeSmtp({ port: stack.mailPort });
  const hooks: { title: string; url: string }[] = [];
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    hooks.push(...JSON.parse(body).data.notices);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(stack.inboxPort, '127.0.0.1', resolve));
  try {
    await signIn(page, 'admin@example.test');
    await page.goto(`${stack.url}/notifiers/new?kind=email`);
    await page.getByLabel('Name').fill('Mail (acceptance spec)');
    await page.getByLabel('SMTP server').fill('127.0.0.1');
    await page.getByLabel('Port').fill(String(mail.port));
    await page.getByLabel('Encryption').selectOption('none');
    await page.getByLabel('From').fill('rekey@example.test');
    await page.getByLabel('To', { exact: true }).fill('ops@example.test');
    await page.getByRole('button', { name: 'Add notifier' }).click();
    await page.waitForURL('**/notifiers');
    await page.goto(`${stack.url}/notifiers/new?kind=webhook`);
    await page.getByLabel('Name').fill('Hook (acceptance spec)');
    await page.getByLabel('Address of the receiver').fill(`http://127.0.0.1:${stack.inboxPort}/notices`);
    await page.getByLabel('Signing secret').fill(`whsec_${Buffer.alloc(32, 6).toString('base64')}`);
    await page.getByRole('button', { name: 'Add notifier' }).click();
    await page.waitForURL('**/notifiers');

    await query(
      `update secret_versions v set expires_at = rekey_now() + interval '10 days' from credentials c
        where c.id = v.credential_id and c.name = 'survey-importer' and v.state = 'current'`,
    );
    const title = 'The secret of survey-importer expires soon';
    const inMails = () => mail.messages.filter(({ data }) => data.includes(title));
    const inHooks = () => hooks.filter((one) => one.title === title);
    // At most one message a minute goes to a notifier, and other notices may have come first.
    await expect
      .poll(
        async () => {
          await advanceClock('61 seconds');
          return [inMails().length, inHooks().length];
        },
        { timeout: 60_000, intervals: [3000] },
      )
      .toEqual([1, 1]);
    const link = inHooks()[0]?.url ?? '';
    expect(inMails()[0]?.data.replaceAll('=\n', '')).toContain(link);
    await page.goto(link);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('survey-importer');
  } finally {
    await query(`update secret_versions set expires_at = null where state = 'current'`);
    await query(`delete from notifiers where name like '%(acceptance spec)'`);
    await mail.close();
    receiver.close();
    receiver.closeAllConnections();
  }
});
