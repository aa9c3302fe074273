import { expect, test } from 'vitest';
import { readValues } from '#core/outside/read-values.ts';
import { Plaintext } from '#lib/plaintext.ts';

const read = (text: string, format: 'dotenv' | 'json') =>
  Object.fromEntries(
    [...readValues(new Plaintext(text), format, 'old')].map(([key, value]) => [key, value.expose()]),
  );

test('an env file is read as the env-file target reads it', () => {
  const text = '# c\nexport A="one\\ntwo"\nB=plain # comment\nC=\nB=last\n';
  expect(read(text, 'dotenv')).toEqual({ A: 'one\ntwo', B: 'last', C: '' });
});

test('nested JSON has paths as keys, and null is no value', () => {
  const text = '{"a":"x","b":{"c":"y","d":[1,true]},"e":null}';
  expect(read(text, 'json')).toEqual({ a: 'x', 'b.c': 'y', 'b.d.0': '1', 'b.d.1': 'true' });
});

test.each([
  ['canary-no-assignment', 'dotenv'],
  ['{"a":"canary"', 'json'],
  ['["canary"]', 'json'],
  ['"canary"', 'json'],
] as const)('%j as %s is refused, and the sentence quotes none of it', (text, format) => {
  expect(() => read(text, format)).toThrow(/^(?!.*canary).*old.*\.$/);
});
