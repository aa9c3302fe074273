import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/* The rekey command in a process of its own, started where a timer starts it: in some folder. */

test('a backup is written from any folder, beside which the file is meant', async () => {
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-elsewhere-'));
  const args = [path.resolve('cli/rekey.mjs'), 'backup', 'nightly.backup'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, env: process.env });
  expect(stdout).toContain('Wrote the backup');
  expect(fs.existsSync(path.join(cwd, 'nightly.backup'))).toBe(true);
  fs.rmSync(cwd, { recursive: true });
});
