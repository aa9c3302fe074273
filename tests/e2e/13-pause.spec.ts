import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test('an admin pauses everything: a rotation that is asked for waits and says why, and goes on afterwards', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/policies`);
  await page.getByRole('button', { name: 'Pause everything' }).click();
  await page.getByLabel('Why is everything paused?').fill('Change freeze until Monday');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText('Change freeze until Monday')).toBeVisible();

  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'survey-importer', exact: true }).click();
  await openRotateSheet(page);
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  await expect(page.getByText('Everything is paused, this rotation too.')).toBeVisible();
  const [waiting] = await query<{ steps: string }>(
    `select count(*) as steps from rotation_steps
      where rotation_id = (select id from rotations order by created_at desc limit 1)`,
  );
  expect(waiting?.steps).toBe('0');
  const phase = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Preflight' }) });
  await expect(phase).toContainText('Paused');
  await expect(phase).not.toContainText('Running');
  const rotation = page.url();
  await page.getByRole('button', { name: /^Open rotations: \d+ running, \d+ paused/ }).click();
  await expect(page.getByRole('dialog').getByText('Paused: Preflight')).toBeVisible();
  await page.goto(`${stack.url}/rotations`);
  await expect(page.getByRole('row').filter({ hasText: 'survey-importer' }).first()).toContainText(
    'Paused: Preflight',
  );
  await page.goto(rotation);

  await page.getByRole('button', { name: 'Let everything go on' }).click();
  await expect(page.getByText('Change freeze until Monday')).toHaveCount(0);
  await expect(page.getByRole('status').filter({ hasText: 'Rotation completed.' })).toBeAttached({
    timeout: 20_000,
  });
});

test('an operator pauses an issuer and a credential with a reason, and lets them go on', async ({
  operator: page,
}) => {
  await page.goto(`${stack.url}/issuers`);
  const issuer = 'SurfaceScout (sample)';
  await page.getByRole('button', { name: `Pause ${issuer}`, exact: true }).click();
  await page.getByLabel(`Why is ${issuer} paused?`).fill('They asked for quiet');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText('Paused', { exact: true })).toBeVisible();
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'fleet-api', exact: true }).click();
  await expect(
    page.getByText(`The issuer ${issuer} is paused, so no rotation of this credential`),
  ).toBeVisible();
  await page.goto(`${stack.url}/issuers`);
  await page.getByRole('button', { name: `Let ${issuer} go on` }).click();
  await expect(page.getByText('Paused', { exact: true })).toHaveCount(0);

  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'fleet-api', exact: true }).click();
  await page.getByRole('button', { name: 'Pause this credential' }).click();
  await page.getByLabel('Why is this credential paused?').fill('In doubt');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText('Paused: no rotation of this credential starts or goes on.')).toBeVisible();
  // The keyboard stays where it was: the next stop is the way back.
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Let this credential go on' })).toBeFocused();
  await page.getByRole('button', { name: 'Let this credential go on' }).click();
  await expect(page.getByText('Not paused.')).toBeVisible();
  const events = await query<{ action: string }>(
    `select action from audit_events where action like '%paused' order by id desc limit 4`,
  );
  expect(events.map(({ action }) => action)).toEqual([
    'credential.unpaused',
    'credential.paused',
    'issuer.unpaused',
    'issuer.paused',
  ]);
});
