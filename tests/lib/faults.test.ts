import { expect, test } from 'vitest';
import { z } from 'zod';
import { faultsInWords, readInput, readWithPaths } from '#lib/faults.ts';

const rhythm = z.union([
  z.strictObject({ interval: z.string().refine((text) => text !== 'P1M', 'A month is of no fixed length.') }),
  z.strictObject({ cron: z.string(), timeZone: z.string() }),
]);

const body = z.strictObject({
  name: z.string().min(1).max(5),
  rhythm,
  id: z.uuid().optional(),
  at: z.iso.datetime().optional(),
  url: z.url().optional(),
  limit: z.int().min(1).max(100).optional(),
  level: z.enum(['low', 'high']).optional(),
  list: z.array(z.string()).min(1).optional(),
});

const good = { name: 'a', rhythm: { interval: 'P7D' } };

test.each([
  [{ ...good, gracePeriud: 1 }, { gracePeriud: 'There is no such field.' }],
  [{ rhythm: good.rhythm }, { name: 'It is missing.' }],
  [{ ...good, name: 5 }, { name: 'It takes a text.' }],
  [{ ...good, name: '' }, { name: 'It takes at least 1 character.' }],
  [{ ...good, name: 'abcdef' }, { name: 'It takes at most 5 characters.' }],
  [{ ...good, limit: 0 }, { limit: 'It takes a number of at least 1.' }],
  [{ ...good, limit: 1.5 }, { limit: 'It takes a whole number.' }],
  [{ ...good, level: 'top' }, { level: 'It takes one of low, high.' }],
  [{ ...good, list: [] }, { list: 'It takes at least one.' }],
  [{ ...good, list: ['a', 5] }, { 'list.1': 'It takes a text.' }],
  [{ ...good, id: 'x' }, { id: 'It takes an id such as 01a22254-94c0-758c-898a-63c0ea2fa2cd.' }],
  [{ ...good, at: '2026-11-28' }, { at: 'It takes an instant in UTC such as 2026-11-28T09:30:00Z.' }],
  [{ ...good, url: 'example' }, { url: 'It takes an address such as https://example.com.' }],
  [[], { '': 'It takes an object.' }],
])('what is at fault is named by its field, with a sentence: %j', (input, faults) => {
  expect(readInput(body, input)).toEqual({ data: null, faults });
});

test.each([
  [undefined, { rhythm: 'It is missing.' }],
  [{ interval: 'P1M' }, { 'rhythm.interval': 'A month is of no fixed length.' }],
  [{ cron: '0 3 * * *' }, { 'rhythm.timeZone': 'It is missing.' }],
])('of alternatives the one that fits best says what it lacks: %j', (given, faults) => {
  expect(readInput(body, { name: 'a', rhythm: given }).faults).toEqual(faults);
});

test('alternatives with a sentence of their own keep it', () => {
  const first = z.union([z.literal('next'), z.number()], 'It is next, or a time.');
  expect(readInput(first, 'now').faults).toEqual({ '': 'It is next, or a time.' });
});

test('a name with a dot in it stays one step of the path', () => {
  const named = z.record(z.string(), z.strictObject({}));
  const { faults } = readWithPaths(named, { 'a.b': { c: 1 } });
  expect(faults).toEqual([{ path: ['a.b', 'c'], sentence: 'There is no such field.', isUnknown: true }]);
});

test('all faults are one line of sentences, each with its field', () => {
  const { faults } = readInput(body, { rhythm: good.rhythm, foo: 1 });
  expect(faultsInWords(faults ?? {})).toBe('name: It is missing. foo: There is no such field.');
});

test('what fits is given back as the schema has it', () => {
  expect(readInput(body, good)).toEqual({ data: good, faults: null });
});
