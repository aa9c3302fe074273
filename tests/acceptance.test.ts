import fs from 'node:fs';
import { expect, test } from 'vitest';

/* tests/e2e/30-acceptance.spec.ts begins with what the console guarantees and the tests that show it. */

const folder = 'tests/e2e';
const specs = fs.readdirSync(folder).filter((file) => file.endsWith('.spec.ts'));
const textOf = (spec: string) => fs.readFileSync(`${folder}/${spec}.spec.ts`, 'utf8');

/** The tests of a file, by their names. */
const testsOf = (spec: string) =>
  [...textOf(spec).matchAll(/^test\('(.+)', async/gm)].map(([, name]) => name);

const lines = (/\/\*\n([\s\S]*?)\*\//.exec(textOf('30-acceptance'))?.[1] ?? '').split('\n');
const table = lines.slice(lines.findIndex((line) => line.trim() === '*') + 1);
const shown = table.flatMap((line) => {
  const [, spec, name] = /^ \* {3}(\d\d-[a-z-]+): (.+)$/.exec(line) ?? [];
  return spec === undefined || name === undefined ? [] : [{ spec, name }];
});

test('each guarantee of the console names a test in the browser that shows it, and each test is there', () => {
  expect(shown.length).toBeGreaterThan(20);
  for (const { spec, name } of shown) {
    expect(testsOf(spec), spec).toContain(name);
  }
  const isGuarantee = (line: string | undefined) => /^ \* [A-Z]/.test(line ?? '');
  const guarantees = table.flatMap((line, at) => (isGuarantee(line) ? [{ line, next: table[at + 1] }] : []));
  expect(guarantees).toHaveLength(9);
  expect(guarantees.filter(({ next }) => next === undefined || !/^ \* {3}\d/.test(next))).toEqual([]);
});

test('every test of the acceptance file stands in its table', () => {
  const here = shown.filter(({ spec }) => spec === '30-acceptance').map(({ name }) => name);
  expect(testsOf('30-acceptance').toSorted()).toEqual([...new Set(here)].toSorted());
});

test('no two files of browser tests have the same number, so that their order is plain', () => {
  const numbers = specs.map((file) => file.slice(0, 2));
  expect(numbers).toEqual([...new Set(numbers)]);
});
