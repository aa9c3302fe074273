import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test('an admin makes a policy that wants more proof and fewer attempts, and the list says so', async ({
  page,
}) => {
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/policies/new`);
  await page.getByLabel('Name').fill('Proven');
  await page.locator('summary', { hasText: 'More' }).click();
  await page.getByLabel('Confirmed at the least').selectOption('Adopted');
  await page.getByLabel('Attempts', { exact: true }).selectOption('3');
  await page.getByLabel('Time for all attempts').selectOption('5 minutes');
  await expectAccessible(page, 'policies');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await page.waitForURL('**/policies');
  const row = page.getByRole('listitem').filter({ hasText: 'Proven' });
  await expect(row).toContainText('Every required delivery is confirmed as adopted at the least.');
  await expect(row).toContainText('A step that fails is held after 3 attempts or 5 minutes.');
  await page.getByRole('link', { name: 'Proven' }).click();
  await page.locator('summary', { hasText: 'More' }).click();
  await page.getByLabel('Confirmed at the least').selectOption('As each target asks');
  await expect(page.getByRole('region', { name: 'What changes' })).toContainText('Confirmation');
});

test('a policy whose lengths a program set in seconds is renamed without changing them', async ({ page }) => {
  await query(`update policies set grace_seconds = 90 where name = 'Proven'`);
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/policies`);
  await page.getByRole('link', { name: 'Proven' }).click();
  await expect(page.getByLabel('Grace period: unit')).toHaveValue('seconds');
  await page.getByLabel('Name').fill('Proven twice');
  await page.getByRole('button', { name: 'Save for all its credentials' }).click();
  await page.waitForURL('**/policies');
  expect(await query(`select grace_seconds from policies where name = 'Proven twice'`)).toEqual([
    { grace_seconds: 90 },
  ]);
});
