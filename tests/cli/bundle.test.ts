import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const run = promisify(execFile);

/** A checkout with a command that says what it is, and a bundle of it that says something else. */
async function checkout() {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-bundle-'));
  onTestFinished(() => fs.rmSync(root, { recursive: true, force: true }));
  const at = (file: string) => path.join(root, file);
  for (const folder of ['cli', 'lib/deep', '.bundle']) fs.mkdirSync(at(folder), { recursive: true });
  fs.cpSync('cli/rekey.mjs', at('cli/rekey.mjs'));
  fs.cpSync('lib/bundle-file.mjs', at('lib/bundle-file.mjs'));
  fs.symlinkSync(path.resolve('node_modules'), at('node_modules'));
  fs.writeFileSync(at('package.json'), '{"type":"module"}');
  fs.writeFileSync(at('cli/main.ts'), `console.log('the sources' satisfies string);`);
  fs.writeFileSync(at('lib/deep/rule.ts'), 'one');
  const { bundleFile } = (await import(at('lib/bundle-file.mjs'))) as { bundleFile: () => string };
  const say = async () => (await run(process.execPath, [at('cli/rekey.mjs')])).stdout;
  return { at, bundleFile, say };
}

test('the command starts from its bundle, and from the sources as soon as one of them is another', async () => {
  const { at, bundleFile, say } = await checkout();
  expect(await say()).toBe('the sources\n');
  const changes = [
    () => fs.writeFileSync(at('lib/deep/rule.ts'), 'other'),
    () => fs.utimesSync(at('cli/main.ts'), 1000, 1000),
    () => fs.writeFileSync(at('lib/new.ts'), ''),
    () => fs.rmSync(at('lib/deep/rule.ts')),
  ];
  for (const change of changes) {
    const before = bundleFile();
    fs.writeFileSync(before, `console.log('the bundle')`);
    expect(await say()).toBe('the bundle\n');
    change();
    expect(await say()).toBe('the sources\n');
    expect(bundleFile()).not.toBe(before);
  }
});

test('an older source in the place of a newer one is a change too, as when a release is unpacked over another', async () => {
  const { at, bundleFile, say } = await checkout();
  fs.writeFileSync(bundleFile(), `console.log('the bundle')`);
  fs.writeFileSync(at('lib/deep/rule.ts'), 'two');
  fs.utimesSync(at('lib/deep/rule.ts'), 2000, 2000);
  expect(await say()).toBe('the sources\n');
});
