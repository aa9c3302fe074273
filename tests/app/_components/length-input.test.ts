import { expect, test } from 'vitest';
import { inUnits } from '#app/_components/length-input.tsx';

test('a length that a program set is shown as a whole number, which a form can save as it is', () => {
  expect(inUnits(90, 'minutes')).toEqual({ amount: 90, unit: 'seconds' });
  expect(inUnits(30, 'hours')).toEqual({ amount: 30, unit: 'seconds' });
  expect(inUnits(5_400, 'days')).toEqual({ amount: 90, unit: 'minutes' });
  expect(inUnits(172_800, 'minutes')).toEqual({ amount: 2, unit: 'days' });
  expect(inUnits(0, 'hours')).toEqual({ amount: 0, unit: 'hours' });
});
