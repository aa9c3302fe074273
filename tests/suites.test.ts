import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ALONE } from '#tests/support/alone.ts';

const changesItsProcess =
  /vi\.(?:mock|stubGlobal|stubEnv)\(|(?<!typeof )process\.env\.\w+ = |delete process\.env|Object\.assign\(process\.env|#tests\/support\/own-|'\.\/fixtures\.ts'/;

test('a unit test that changes its process has one to itself', () => {
  const units = fs
    .readdirSync('tests', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !/\.(?:db|fault|interop)\.test\.ts$/.test(file))
    .map((file) => path.posix.join('tests', file))
    .filter((file) => file !== 'tests/suites.test.ts');
  const changing = units.filter((file) => changesItsProcess.test(fs.readFileSync(file, 'utf8')));
  expect(changing.sort()).toEqual([...ALONE].sort());
});
