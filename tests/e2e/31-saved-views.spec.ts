import { alive } from '#tests/e2e/support/alive.ts';
import { expect, stack, test } from '#tests/e2e/support/stack.ts';

test('a filter of the credentials is saved for everybody, opened, renamed and removed', async ({
  operator: page,
}) => {
  await page.goto(`${stack.url}/credentials?environment=all&q=fleet`);
  await alive(page);
  await page.getByRole('button', { name: 'Save this view' }).click();
  await page.getByLabel('Name of the view, for everybody').fill('The fleet');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const views = page.getByRole('navigation', { name: 'Saved views' });
  await expect(views.getByRole('link', { name: 'The fleet' })).toHaveAttribute('aria-current', 'page');

  await page.goto(`${stack.url}/credentials?environment=all`);
  await alive(page);
  await views.getByRole('link', { name: 'The fleet' }).click();
  await expect(page).toHaveURL(/\?environment=all&q=fleet$/);
  await expect(page.getByRole('searchbox', { name: 'Search' })).toHaveValue('fleet');
  await expect.poll(() => page.locator('[data-row]').allTextContents()).toEqual(['fleet-api']);

  await page.getByRole('button', { name: 'Rename The fleet' }).click();
  await page.getByLabel('Its new name').fill('Fleet');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(views.getByRole('link', { name: 'Fleet', exact: true })).toBeVisible();

  await page.goto(`${stack.url}/audit`);
  await expect(page.getByText('Range: all time, the newest first.')).toBeVisible();
  await expect(views).toHaveCount(0);

  await page.goto(`${stack.url}/credentials?environment=all&q=fleet`);
  await alive(page);
  await page.getByRole('button', { name: 'Remove Fleet' }).click();
  await expect(views).toHaveCount(0);
});
