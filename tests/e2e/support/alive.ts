import type { Page } from '@playwright/test';
import { expect } from '#tests/e2e/support/stack.ts';

/** Keys and buttons answer once the page has come to life, which the tray shows by answering. */
export async function alive(page: Page): Promise<void> {
  const tray = page.getByRole('button', { name: /^Open rotations/ });
  await tray.click();
  await expect(page.getByText('Open rotations', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('Open rotations', { exact: true })).toHaveCount(0);
}
