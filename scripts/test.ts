import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { generateClient } from '#scripts/launcher/build.ts';

/* npm test: every suite from nothing, one after the other, on a machine with Node alone. */

const require = createRequire(import.meta.url);
/** The program of a package, by its path: packages do not export their programs. */
const programOf = (name: string, file: string) =>
  path.join(path.dirname(require.resolve(`${name}/package.json`)), file);
const vitest = [programOf('vitest', 'vitest.mjs'), 'run', '--project'];
const suites: Record<string, string[]> = {
  unit: [...vitest, 'unit'],
  integration: [...vitest, 'integration'],
  e2e: [programOf('@playwright/test', 'cli.js'), 'test'],
};

function run([script = '', ...args]: string[], more: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args, ...more], { stdio: 'inherit' });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const names = process.argv.slice(2).filter((arg) => arg in suites);
const more = process.argv.slice(2).filter((arg) => !(arg in suites));
await generateClient();
const failed: string[] = [];
for (const [name, command] of Object.entries(suites)) {
  if (names.length > 0 && !names.includes(name)) {
    continue;
  }
  console.log(`\n== ${name}`);
  if ((await run(command, more)) !== 0) {
    failed.push(name);
  }
}
console.log(failed.length === 0 ? '\nAll suites passed.' : `\nFailed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
