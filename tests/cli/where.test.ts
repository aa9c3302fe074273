import { expect, test } from 'vitest';
import { parseWhere } from '#cli/remote/where.ts';

test('a line asks for what its qualifiers name, quoted where there are spaces, and for words', () => {
  expect(
    parseWhere('environment:staging issuer:"Scout (sample)" label:edge owner:Ops target:"Env files"'),
  ).toEqual({
    environment: 'staging',
    issuer: 'Scout (sample)',
    label: 'edge',
    owner: 'Ops',
    target: 'Env files',
  });
  expect(parseWhere(' fleet  "api eu" label:app:scout')).toEqual({ q: 'fleet api eu', label: 'app:scout' });
});

test.each([
  ['', 'Say what the credentials have in common.'],
  ['colour:red', 'colour:red is not understood.'],
  ['label:', 'label: is not understood.'],
  ['label:""', 'label:"" is not understood.'],
  ['owner:"Ops', 'is not understood.'],
  ['label:a label:b', 'label: can be said once.'],
])('%j is refused, and nothing is changed: %s', (line, sentence) => {
  expect(() => parseWhere(line)).toThrow(sentence);
  expect(() => parseWhere(line)).toThrow(/Nothing was changed\.$/);
});
