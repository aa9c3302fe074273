import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import {
  askToken,
  consumerState,
  expect,
  query,
  secretInFile,
  stack,
  test,
} from '#tests/e2e/support/stack.ts';

test('an assisted rotation: rotate on the vendor’s page, paste too early, wrong and right; the rest is automatic', async ({
  operator: page,
  context,
}) => {
  const old = secretInFile('partner-portal');
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'partner-portal', exact: true }).click();
  await expect(await openRotateSheet(page)).toContainText('paste the new secret once');
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');

  await expect(page.getByText('Waiting: the current secret still works.')).toBeVisible();
  const paste = page.getByLabel('New client secret');
  const submit = page.getByRole('button', { name: 'Submit' });
  await paste.fill(old);
  await submit.click();
  await expect(page.getByText('This is the secret that is already in use.')).toBeVisible();

  const vendor = await context.newPage();
  await vendor.goto(stack.vendor.url);
  await vendor.getByLabel(/e-?mail/i).fill(stack.vendor.email);
  await vendor.getByLabel(/password/i).fill(stack.vendor.password);
  await vendor.getByRole('button', { name: /sign in/i }).click();
  await vendor.getByRole('link', { name: 'Developer Tools' }).click();
  const section = vendor.getByRole('region', { name: /partner-portal/ });
  await section.getByRole('button', { name: 'Rotate' }).click();
  await expect(vendor.getByRole('dialog')).toContainText('cannot be reverted');
  await vendor.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  const fresh = await section.getByLabel('Client Secret').inputValue();
  expect(fresh).not.toBe('');

  await expect(page.getByText('The vendor has replaced it: paste the new secret now.')).toBeVisible({
    timeout: 30_000,
  });
  await paste.fill('not-the-secret-at-all');
  await submit.click();
  await expect(page.getByText(/refuses this secret/)).toBeVisible({ timeout: 30_000 });
  expect(
    await query(`select 1 from secret_versions where n = 2 and credential_id =
    (select id from credentials where name = 'partner-portal')`),
  ).toEqual([]);
  await paste.fill(fresh);
  await submit.click();
  await expect(page.getByText('Completed').first()).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/The gap was /)).toBeVisible();
  expect(secretInFile('partner-portal')).toBe(fresh);
  expect(await askToken('partner-portal', old)).toEqual({ status: 401, error: 'invalid_client' });
  await expect.poll(async () => (await consumerState('partner-portal')).gaps.at(-1)?.to).not.toBeNull();
  // The value went to the server once, in a body: it is in no address the browser visited.
  expect(page.url()).not.toContain(fresh);
});
