import { expect, test } from 'vitest';
import { z } from 'zod';
import { secretText } from '#connectors/contract.ts';
import { drawForm } from '#core/outside/draw-form.ts';
import { isSamePlace, isWrittenTogether } from '#core/outside/same-place.ts';

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

const written = drawForm(
  z.object({
    project: z.string(),
    environments: z.array(z.string()).default([]),
    group: z.string().optional(),
    redeploy: z.boolean().default(true).meta({ setting: true }),
    about: z.string().optional().meta({ note: true }),
  }),
);

test.each([
  [{ project: 'a', redeploy: true, about: 'x' }, { project: 'a', redeploy: false }, true],
  [{ project: 'a', environments: ['p', 'q'] }, { project: 'a', environments: ['q', 'p'] }, true],
  [{ project: 'a', environments: ['p'] }, { project: 'a', environments: ['q'] }, false],
  [{ project: 'a' }, { project: 'b' }, false],
  [{ project: 'a', group: 'g' }, { project: 'a' }, false],
])('%j and %j are written together: %j', (one, other, together) => {
  expect(isWrittenTogether(written, one, other)).toBe(together);
  expect(isWrittenTogether(written, other, one)).toBe(together);
});
