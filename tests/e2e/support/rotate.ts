import type { Locator, Page } from '@playwright/test';
import { expect } from '#tests/e2e/support/stack.ts';

/** Opens the rotate sheet of the credential whose page is shown, and waits until its preflight has answered. */
export async function openRotateSheet(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Rotate' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet).toContainText('Point of no return');
  await expect(sheet.getByRole('region', { name: 'Preflight' }).getByRole('listitem').first()).toBeVisible();
  return sheet;
}

/** Goes on from the open sheet: what warns is ticked, and where a reason is wanted and missing, one is given. */
export async function rotateFromSheet(
  page: Page,
  button: 'Rotate' | 'Rotate now' | 'Request approval' = 'Rotate',
): Promise<void> {
  const sheet = page.getByRole('dialog');
  const tick = sheet.getByRole('checkbox', { name: 'Rotate all the same' });
  if (await tick.isVisible()) {
    await tick.check();
  }
  const reason = sheet.getByLabel('Reason', { exact: true });
  if ((await reason.isVisible()) && (await reason.inputValue()) === '') {
    await reason.fill('Asked for by a test');
  }
  await sheet.getByRole('button', { name: button, exact: true }).click();
}
