import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Bars } from '#app/(console)/overview/bars.tsx';

const week = (name: string, value: number) => ({ name, value, of: null, cells: [String(value)] });
const drawn = (bars: ReturnType<typeof week>[], more: { least?: number; tooFew?: string } = {}) =>
  renderToStaticMarkup(
    createElement(Bars, { says: 'What it says.', head: ['Week', 'Median'], bars, ...more }),
  );

test('without any figure the sentence stands alone, with no empty frame and no table of nothing', () => {
  expect(drawn([week('3 Nov', 0), week('10 Nov', 0)])).toBe('<p class="text-sm">What it says.</p>');
  expect(drawn([])).toBe('<p class="text-sm">What it says.</p>');
});

test('fewer bars than say something beside one another are told and not drawn, and their figures stay', () => {
  const one = drawn([week('3 Nov', 0), week('10 Nov', 4)], { least: 2, tooFew: 'One week so far.' });
  expect(one).toContain('One week so far.');
  expect(one).not.toContain('<svg');
  expect(one).toContain('10 Nov</td>');
  const two = drawn([week('3 Nov', 2), week('10 Nov', 4)], { least: 2, tooFew: 'One week so far.' });
  expect(two).not.toContain('One week so far.');
  expect(two).toContain('<svg');
});
