import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { overlaps } from '#tests/e2e/support/overlaps.ts';

/** Nothing scrolls sideways and no text lies over another. */
export async function expectRoom(page: Page, what: string): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
  expect(await overlaps(page), `${what} has text over text`).toEqual([]);
}

/** WCAG 2.2 AA as far as axe can tell, nothing that scrolls sideways, and no text over another. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  // After a step to another page its title comes up to 300 ms after its content: React holds back what was suspended twice.
  await expect(page, what).toHaveTitle(/./);
  // The bar at the top stays while a page scrolls, and axe would call small what lies half under it by chance.
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const told = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
  );
  expect(told, what).toEqual([]);
  await expectRoom(page, what);
}
