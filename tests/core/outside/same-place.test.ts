import { expect, test } from 'vitest';
import { z } from 'zod';
import { secretText } from '#connectors/contract.ts';
import { drawForm } from '#core/outside/draw-form.ts';
import { isSamePlace } from '#core/outside/same-place.ts';

const form = drawForm(
  z.object({
    client: z.string(),
    realm: z.string().optional(),
    slots: z.number().default(2),
    about: z.string().optional().meta({ note: true }),
    token: secretText(),
  }),
);

test.each([
  [{ client: 'a' }, { client: 'a' }, true],
  [{ client: 'a' }, { client: 'b' }, false],
  [{ client: 'a', slots: 1 }, { client: 'a', slots: 2 }, true],
  [{ client: 'a', realm: 'x' }, { client: 'a', realm: 'y' }, false],
  [{ client: 'a', realm: 'x' }, { client: 'a' }, true],
  [{ client: 'a', about: 'x' }, { client: 'a', about: 'y' }, true],
])('%j and %j name the same thing: %j', (one, other, same) => {
  expect(isSamePlace(form, one, other)).toBe(same);
  expect(isSamePlace(form, other, one)).toBe(same);
});

test('a place in which nothing names anything is never the same as another', () => {
  expect(isSamePlace(drawForm(z.object({ slots: z.number().default(2) })), {}, {})).toBe(false);
});

test('a note that both have makes no two places the same', () => {
  const noted = drawForm(z.object({ about: z.string().optional().meta({ note: true }) }));
  expect(isSamePlace(noted, { about: 'x' }, { about: 'x' })).toBe(false);
});
