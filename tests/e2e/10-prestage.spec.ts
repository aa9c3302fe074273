import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { askToken, consumerState, expect, secretInFile, stack, test } from '#tests/e2e/support/stack.ts';

test('a client of one secret is rotated twice without one failed request of its application, which goes over to NEXT', async ({
  operator: page,
}) => {
  const before = await consumerState('report-builder');
  for (let n = 0; n < 2; n += 1) {
    const old = secretInFile('report-builder');
    await page.goto(`${stack.url}/credentials`);
    await page.getByRole('link', { name: 'report-builder', exact: true }).click();
    const dialog = await openRotateSheet(page);
    await expect(dialog).toContainText('Prestage');
    await expect(dialog).toContainText('Deliver NEXT');
    await rotateFromSheet(page);
    await page.waitForURL('**/rotations/*');
    await expect(page.getByText('Completed').first()).toBeVisible();
    expect(secretInFile('report-builder')).not.toBe(old);
    expect(await askToken('report-builder', old)).toEqual({ status: 401, error: 'invalid_client' });
  }
  const { requests } = await consumerState('report-builder');
  await expect
    .poll(async () => (await consumerState('report-builder')).requests)
    .toBeGreaterThan(requests + 1);
  const after = await consumerState('report-builder');
  expect(after.failures - before.failures).toBe(0);
  expect(await askToken('report-builder', secretInFile('report-builder'))).toMatchObject({ status: 200 });
});
