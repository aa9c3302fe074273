import fs from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { createUser, expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

const phone = { width: 375, height: 667 };
const status = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text });
const idOf = (page: Page) => page.url().split('/').at(-1) ?? '';
const open = async (page: Page, name: string) => {
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name, exact: true }).click();
};

/** Puts the next attempt off for an hour, between two attempts, so that nothing happens by itself. */
async function putOff(rotationId: string): Promise<void> {
  await expect
    .poll(
      async () =>
        (
          await query(
            `update rotations set next_attempt_at = rekey_now() + interval '1 hour'
              where id = $1 and next_attempt_at > rekey_now() and (lease_until is null or lease_until < rekey_now())
              returning id`,
            [rotationId],
          )
        ).length,
      { timeout: 60_000, intervals: [100] },
    )
    .toBe(1);
}

test.beforeAll(async ({ browser }) => {
  const page = await browser.newPage();
  await createUser(page, 'night@example.test', 'operator');
  await createUser(page, 'reader@example.test', 'approver');
  await createUser(page, 'chief@example.test', 'admin');
  await page.close();
});

test('an attempt that waits for its time is made at once by a click, the audit log names who, and what a vendor asked for is kept', async ({
  page,
}) => {
  // A folder stands where the receiver writes first, so that it answers 500 to what it is to keep, and 200 to the preflight.
  const obstacle = path.join(stack.sampleDir, 'receiver.json.new');
  fs.mkdirSync(obstacle);
  try {
    await signIn(page, 'night@example.test');
    await open(page, 'fleet-api');
    await openRotateSheet(page);
    await rotateFromSheet(page);
    await page.waitForURL('**/rotations/*');
    await expect(page.getByText(/Attempts? 1.* failed at Webhook receiver/)).toBeVisible({ timeout: 60_000 });
    await putOff(idOf(page));
    // How long that is depends on how far earlier specs moved the clock of the database.
    await expect(page.getByText(/Tried again in \d+ (d|h|min)/).first()).toBeVisible();
    const tryNow = page.getByRole('button', { name: 'Try now' });
    await expect(tryNow).toHaveCount(1);
    await expectAccessible(page, 'a rotation that waits for its next attempt');

    await query(
      `update rotation_steps set not_before = rekey_now() + interval '1 hour'
        where rotation_id = $1 and error is not null`,
      [idOf(page)],
    );
    await expect(page.getByText(/It cannot be tried sooner: Webhook receiver.* said how long/)).toBeVisible();
    await expect(tryNow).toHaveCount(0);
    await query('update rotation_steps set not_before = null where rotation_id = $1', [idOf(page)]);
    await expect(tryNow).toBeVisible();
  } finally {
    fs.rmdirSync(obstacle);
  }
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect(status(page, 'Phase: Overlap')).toBeAttached();
  const rotation = page.url();
  await page.goto(`${stack.url}/audit?q=rotation:${idOf(page)} action:rotation.tried_now`);
  const row = page.getByRole('row').filter({ hasText: 'rotation.tried_now' });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('night@example.test');
  await page.goto(rotation);
});

test('a rotation that was rolled back shows what it had done before, and what of that was taken back', async ({
  page,
}) => {
  await signIn(page, 'night@example.test');
  const [{ id } = { id: '' }] = await query<{ id: string }>(
    `select id from rotations where outcome is null and phase = 'overlap' order by created_at desc limit 1`,
  );
  await page.goto(`${stack.url}/rotations/${id}`);
  await page.getByRole('region', { name: 'Actions' }).getByRole('button', { name: 'Roll back…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(status(page, 'Rotation rolled back.')).toBeAttached();
  await expect(page.getByRole('list', { name: 'Phases of the way back' })).toBeVisible();
  const before = page.getByRole('list', { name: 'Phases before it was turned back' }).getByRole('listitem');
  const phase = (name: string) => before.filter({ has: page.getByRole('heading', { name, exact: true }) });
  for (const name of ['Issue', 'Deliver', 'Promote']) {
    await expect(phase(name)).toContainText('Taken back');
  }
  await expect(phase('Verify')).toContainText('Done');
  await expect(phase('Revoke')).toContainText('Not reached');
  await expect(phase('Deliver')).toContainText(/failed at Webhook receiver/);
  await expectAccessible(page, 'a rotation that was rolled back, with what it had done');
});

test('whoever asked is told what is missing and who can give it, and an approver decides on a phone with what they approve in view', async ({
  browser,
  page,
}) => {
  await signIn(page, 'chief@example.test');
  await page.goto(`${stack.url}/policies/new`);
  await page.getByLabel('Name').fill('Two pairs of eyes');
  await page.getByLabel('Approvals').selectOption('One');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await page.waitForURL('**/policies');
  await query(
    `insert into policy_assignments (credential_id, policy_id)
     select c.id, p.id from credentials c, policies p where c.name = 'fleet-api' and p.name = 'Two pairs of eyes'
     on conflict (credential_id) do update set policy_id = excluded.policy_id`,
  );
  await page.context().clearCookies();
  await signIn(page, 'night@example.test');
  await open(page, 'fleet-api');
  await openRotateSheet(page);
  await rotateFromSheet(page, 'Request approval');
  await page.waitForURL('**/rotations/*');
  await expect(page.getByText('Held: It waits for other people to approve its plan.')).toBeVisible();
  // Three are named, and the others counted: earlier specs made many.
  await expect(page.getByText(/One approval is missing\. .*@example\.test.* can give it\./)).toBeVisible();
  await expect(page.getByText('Read the plan and decide')).toHaveCount(0);
  await page.getByRole('link', { name: 'See the plan that they read' }).click();
  await expect(page.getByText(/Approving takes the role approver or admin/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve this plan' })).toHaveCount(0);
  await expectAccessible(page, 'an approval that others decide');

  const other = await browser.newContext({ viewport: phone });
  const approver = await other.newPage();
  await signIn(approver, 'reader@example.test');
  await approver.goto(page.url().replace('/approvals/', '/rotations/'));
  await approver.getByRole('link', { name: 'Read the plan and decide' }).click();
  const approve = approver.getByRole('button', { name: 'Approve this plan' });
  const sentence = approver.getByText(/^You approve: fleet-api in production gets a new secret/);
  for (const top of [0, 400, 10_000]) {
    await approver.evaluate((y) => window.scrollTo({ top: y, behavior: 'instant' }), top);
    await expect(approve).toBeInViewport({ ratio: 1 });
    await expect(approver.getByRole('button', { name: 'Reject' })).toBeInViewport({ ratio: 1 });
    await expect(sentence).toBeInViewport({ ratio: 1 });
  }
  await expectAccessible(approver, 'an approval on a phone');
  await approve.click();
  await expect(approver.getByText('It does not wait for an approval any more.')).toBeVisible();
  await other.close();
  await query(
    `delete from policy_assignments where policy_id = (select id from policies where name = 'Two pairs of eyes')`,
  );
});
