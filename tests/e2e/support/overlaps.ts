import type { Page } from '@playwright/test';

/**
 * Texts that lie over each other. Of each piece of text its lines are taken, as far as they can be seen; what stands in a bar that
 * stays while the page scrolls, in a layer of its own such as a menu, or in something that scrolls in itself, is left out: there one
 * covers the other on purpose.
 */
export function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const floats = (element: Element | null): boolean => {
      for (let one = element; one !== null && one !== document.body; one = one.parentElement) {
        const { position, zIndex, overflowX, overflowY } = getComputedStyle(one);
        const scrolls = [overflowX, overflowY].some(
          (way) => way === 'auto' || way === 'scroll' || way === 'hidden',
        );
        const isLayer = position !== 'static' && zIndex !== 'auto';
        if (position === 'fixed' || position === 'sticky' || isLayer || scrolls) return true;
      }
      return false;
    };
    const lines: { text: string; box: DOMRect; element: Element }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      const isSeen = element?.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ?? false;
      if (element === null || text === '' || !isSeen || floats(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width > 1 && box.height > 1) lines.push({ text, box, element });
      }
    }
    const found: string[] = [];
    // Lines of one height touch where they are set tight; text counts as covered from a third of its height on.
    const covers = (a: DOMRect, b: DOMRect) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 3;
    for (const [n, one] of lines.entries()) {
      for (const other of lines.slice(n + 1)) {
        if (one.element !== other.element && covers(one.box, other.box)) {
          found.push(`"${one.text.slice(0, 40)}" and "${other.text.slice(0, 40)}"`);
        }
      }
    }
    return [...new Set(found)];
  });
}
