import fs from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { openRotateSheet } from '#tests/e2e/support/rotate.ts';
import { endOverlap, expect, query, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

async function goToFleet(page: Page): Promise<void> {
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'fleet-api', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'fleet-api', level: 1 })).toBeVisible();
}

/** Presses Tab until it is there. */
async function tabTo(page: Page, there: Locator): Promise<void> {
  for (let n = 0; n < 40; n += 1) {
    if (await there.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press('Tab');
  }
  await expect(there).toBeFocused();
}

const rotate = (sheet: Locator) => sheet.getByRole('button', { name: 'Rotate', exact: true });

test.beforeAll(() => endOverlap('fleet-api'));

test('the whole rotation is asked for with the keyboard alone, and everything on the way has a name', async ({
  operator: page,
}) => {
  await goToFleet(page);
  const trigger = page.getByRole('button', { name: 'Rotate', exact: true });
  await page.keyboard.press('r');
  const sheet = page.getByRole('dialog', { name: 'Rotate fleet-api' });
  await expect(sheet.getByRole('heading', { name: 'Rotate fleet-api' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(trigger).toBeFocused();

  await page.keyboard.press('Enter');
  const preflight = sheet.getByRole('region', { name: 'Preflight' });
  await expect(preflight.getByRole('status')).toHaveText('Everything is ready.');
  const overlap = sheet.getByRole('radiogroup', { name: 'Overlap' });
  await expect(overlap).toHaveAccessibleDescription(/keeps working after every required target/);
  await tabTo(page, overlap.getByRole('radio', { name: '24 hours' }));
  await page.keyboard.press('ArrowUp');
  await expect(overlap.getByRole('radio', { name: '1 hour' })).toBeChecked();
  await expect(overlap.getByRole('radio', { name: '1 hour' })).toHaveAccessibleDescription(
    /^\w{3} \d+ \w{3} \d{4}, \d\d:\d\d/,
  );
  await tabTo(page, sheet.getByRole('textbox', { name: 'Reason' }));
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Tab');
  await page.keyboard.type('OPS-26');
  await tabTo(page, rotate(sheet));
  await expect(rotate(sheet)).toHaveAccessibleDescription(
    /^Rotate fleet-api \(v\d+ → v\d+\) in production; v\d+ stops working \w{3} /,
  );
  await page.keyboard.press('Enter');
  await page.waitForURL('**/rotations/*');
  await expect(page.getByText('Ticket: OPS-26')).toBeVisible();
  const [row] = await query<{ grace_seconds: number; reason: string }>(
    'select grace_seconds, reason from rotations order by created_at desc limit 1',
  );
  expect(row).toEqual({ grace_seconds: 3600, reason: 'By keyboard' });
  await expect(page.getByRole('status').filter({ hasText: 'Phase: Overlap' })).toBeAttached();
  await endOverlap('fleet-api');
});

test('the button is off until the preflight has answered, and says so', async ({ operator: page }) => {
  await goToFleet(page);
  let posts = 0;
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  // The plan is asked for first, and the preflight after it.
  await page.route('**/credentials/*', async (route) => {
    posts += route.request().method() === 'POST' ? 1 : 0;
    if (route.request().method() === 'POST' && posts > 1) {
      await held;
    }
    await route.continue();
  });
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet).toContainText('Point of no return');
  await expect(sheet).toContainText('Asking the issuer and the targets…');
  await expect(rotate(sheet)).toBeDisabled();
  await expect(rotate(sheet)).toHaveAccessibleDescription(/once the preflight has answered/);
  answer();
  await expect(sheet).toContainText('Everything is ready.');
  await expect(rotate(sheet)).toBeEnabled();
});

test('an obstacle keeps the button off and names what to do; once that is done, looking again lets it on', async ({
  operator: page,
}) => {
  const file = path.join(stack.sampleDir, 'fleet-api', '.env');
  const before = fs.readFileSync(file, 'utf8');
  await goToFleet(page);
  try {
    fs.appendFileSync(file, 'this is no setting\n');
    const sheet = await openRotateSheet(page);
    const row = sheet.getByRole('listitem').filter({ hasText: 'Blocked' });
    await expect(row).toContainText('Env file (sample)');
    await expect(row).toContainText('What to do:');
    await expect(rotate(sheet)).toBeDisabled();
    await expectAccessible(page, 'the rotate sheet with an obstacle');
    fs.writeFileSync(file, before);
    await sheet.getByRole('button', { name: 'Look again' }).click();
    await expect(sheet).toContainText('Everything is ready.');
    await expect(rotate(sheet)).toBeEnabled();
  } finally {
    fs.writeFileSync(file, before);
  }
});

test('a warning takes a tick, and is asked for anew after another look', async ({ operator: page }) => {
  await query(`update credentials set paused_at = now() where name = 'fleet-api'`);
  try {
    await goToFleet(page);
    const sheet = await openRotateSheet(page);
    await expect(sheet.getByRole('listitem').filter({ hasText: 'Warning' })).toContainText('It is paused');
    await expect(rotate(sheet)).toBeDisabled();
    await sheet.getByRole('checkbox', { name: 'Rotate all the same' }).check();
    await expect(rotate(sheet)).toBeEnabled();
    await sheet.getByRole('button', { name: 'Look again' }).click();
    await expect(sheet).toContainText('1 warning, no obstacle.');
    await expect(rotate(sheet)).toBeDisabled();
  } finally {
    await query(`update credentials set paused_at = null where name = 'fleet-api'`);
  }
});

test('“No overlap” is the last choice, never the first, and takes the name of the credential', async ({
  operator: page,
}) => {
  await goToFleet(page);
  const sheet = await openRotateSheet(page);
  const radios = sheet.getByRole('radiogroup', { name: 'Overlap' }).getByRole('radio');
  await expect(sheet.getByRole('radio', { name: '24 hours' })).toBeChecked();
  await radios.last().check();
  await expect(sheet.getByRole('radio', { name: 'No overlap' })).toBeChecked();
  await expect(rotate(sheet)).toBeDisabled();
  await sheet.getByLabel('Type fleet-api to confirm').fill('fleet');
  await expect(rotate(sheet)).toBeDisabled();
  await expectAccessible(page, 'the rotate sheet without an overlap');
  await sheet.getByLabel('Type fleet-api to confirm').fill('fleet-api');
  await expect(rotate(sheet)).toBeEnabled();
  await expect(sheet).toContainText(/v\d+ stops working as soon as every required target has the new one/);
});

test('the blast radius names each target, how it is reached, and when it was last verified', async ({
  operator: page,
}) => {
  await goToFleet(page);
  const radius = (await openRotateSheet(page)).getByRole('region', { name: 'Blast radius' });
  await expect(radius.getByRole('heading')).toContainText('2 targets, 1 environment');
  const target = radius.getByRole('listitem').filter({ hasText: 'Env file (sample)' });
  await expect(target).toContainText('production');
  await expect(target).toContainText('Waited for until');
  await expect(target).toContainText(/Last verified: v\d+/);
});

test('wide screens keep the page beside the sheet; narrow ones give it all, and the sentence stays in sight', async ({
  operator: page,
}) => {
  for (const [width, height, whole] of [
    [1440, 900, false],
    [1024, 768, false],
    [899, 900, true],
    [375, 740, true],
  ] as const) {
    await page.setViewportSize({ width, height });
    await goToFleet(page);
    const sheet = await openRotateSheet(page);
    await expect.poll(async () => (await sheet.boundingBox())?.width).toBe(whole ? width : 576);
    await expect(rotate(sheet)).toBeInViewport();
    await expect(sheet.getByText(/^Rotate fleet-api/).last()).toBeInViewport();
    await expectAccessible(page, `the rotate sheet, ${width} px`);
  }
});
