import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { generateClient } from '#scripts/launcher/build.ts';

/* Types of routes and of the database are generated; tsc needs both. */

const require = createRequire(import.meta.url);
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc');
await generateClient();
for (const args of [
  [require.resolve('next/dist/bin/next'), 'typegen'],
  [tsc, '--noEmit'],
]) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}
