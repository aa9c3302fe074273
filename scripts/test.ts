import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateClient } from '#scripts/launcher/build.ts';
import { bundleCli } from '#scripts/launcher/bundle-cli.ts';

/*
 * npm test: every suite from nothing, one after the other, on a machine with Node alone. Of the fault suite it runs one
 * third, chosen by a seed: `--seed=…` runs the same third again, and `--all` everything. The suite `interop`, which uses
 * whatever real servers this machine has, runs only when it is named. With `--all` the browser also looks at each page in both
 * themes and both widths. What failed is said once more at the end.
 */

const require = createRequire(import.meta.url);
/** The program of a package, by its path: packages do not export their programs. */
const programOf = (name: string, file: string) =>
  path.join(path.dirname(require.resolve(`${name}/package.json`)), file);
const vitest = [
  programOf('vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=./tests/support/failures.ts',
  '--project',
];
const suites: Record<string, string[]> = {
  unit: [...vitest, 'unit', '--project', 'alone'],
  integration: [...vitest, 'integration'],
  faults: [...vitest, 'faults'],
  interop: [...vitest, 'interop'],
  e2e: [programOf('@playwright/test', 'cli.js'), 'test'],
};

function run([script = '', ...args]: string[], more: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args, ...more], { stdio: 'inherit' });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const SEED = '--seed=';

/** Chooses the faults of this run, and says how to choose them again. */
function chooseFaults(args: readonly string[]): void {
  const seed = args.find((arg) => arg.startsWith(SEED))?.slice(SEED.length) ?? String(randomInt(1_000_000));
  const all = args.includes('--all');
  Object.assign(process.env, { FAULTS_SEED: seed, FAULTS_ALL: all ? '1' : '' });
  console.log(
    all ? 'every fault' : `one third of the faults; again with npm run test:faults -- ${SEED}${seed}`,
  );
}

const args = process.argv.slice(2);
const names = args.filter((arg) => arg in suites);
const more = args.filter((arg) => !(arg in suites) && arg !== '--all' && !arg.startsWith(SEED));
if (args.includes('--all')) {
  process.env.REKEY_ALL_VIEWS = '1';
}
await generateClient();
await bundleCli();
const folder = mkdtempSync(path.join(tmpdir(), 'rekey-test-'));
const failures = path.join(folder, 'failures');
process.env.REKEY_FAILURES = failures;
const failed: string[] = [];
for (const [name, command] of Object.entries(suites)) {
  if (names.length === 0 ? name === 'interop' : !names.includes(name)) {
    continue;
  }
  console.log(`\n== ${name}`);
  if (name === 'faults') {
    chooseFaults(args);
  }
  if ((await run(command, more)) !== 0) {
    failed.push(name);
  }
}
if (existsSync(failures)) {
  console.log(`\n== what failed\n${readFileSync(failures, 'utf8')}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(failed.length === 0 ? '\nAll suites passed.' : `\nFailed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
