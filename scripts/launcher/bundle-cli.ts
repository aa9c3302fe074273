import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleFile } from '#lib/bundle-file.mjs';

const DAY_MS = 86_400_000;

/**
 * Makes the bundle that cli/rekey.mjs starts, if there is none of these sources. Packages stay outside of it. What was made
 * from older sources is kept for a day, since a command that runs loads parts of it late.
 */
export async function bundleCli(): Promise<void> {
  const file = bundleFile();
  if (fs.existsSync(file)) {
    return;
  }
  const folder = path.dirname(file);
  const begun = Date.now();
  const { outputFiles } = await build({
    absWorkingDir: path.dirname(folder),
    entryPoints: { [path.basename(file, '.mjs')]: 'cli/main.ts' },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    write: false,
  });
  fs.mkdirSync(folder, { recursive: true });
  for (const output of outputFiles) {
    const unfinished = `${output.path}.${process.pid}`;
    fs.writeFileSync(unfinished, output.contents);
    // The entry comes last: where it stands, the bundle is whole.
    if (output.path !== file) fs.renameSync(unfinished, output.path);
  }
  fs.renameSync(`${file}.${process.pid}`, file);
  for (const name of fs.readdirSync(folder)) {
    const old = path.join(folder, name);
    if (fs.statSync(old).mtimeMs < begun - DAY_MS) fs.rmSync(old, { force: true });
  }
}
