import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '#tests/support/folder.ts';

const parts = [
  'ci',
  'run audit:dependencies',
  'run lint',
  'run typecheck',
  'run build',
  'test -- --all',
  'run test:interop',
];

/** Runs .ci/run with an npm that only notes what it is asked for, and fails at one part. */
function runWith(failing: string): { status: number | null; asked: string[] } {
  const folder = scratchFolder();
  const log = path.join(folder, 'asked');
  const npm = `#!/bin/sh\necho "$*" >> "${log}"\n[ "$*" != "${failing}" ]\n`;
  fs.writeFileSync(path.join(folder, 'npm'), npm, { mode: 0o755 });
  const { status } = spawnSync('bash', ['.ci/run'], {
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  return { status, asked: fs.readFileSync(log, 'utf8').trim().split('\n') };
}

test('.ci/run runs every part, the test command of the README among them, and ends well when all do', () => {
  expect(runWith('nothing')).toEqual({ status: 0, asked: parts });
  expect(fs.readFileSync('README.md', 'utf8')).toContain('`npm test`');
});

test.each(parts)('.ci/run ends with a failure, and at once, when "npm %s" fails', (part) => {
  const { status, asked } = runWith(part);
  expect(status).not.toBe(0);
  expect(asked.at(-1)).toBe(part);
});

test('GitHub runs .ci/run on the oldest and the newest Node we promise', () => {
  const workflow = fs.readFileSync('.github/workflows/ci.yml', 'utf8');
  expect(workflow).toContain('run: bash .ci/run');
  expect(workflow).toContain(`node: ['20.19', '22']`);
});
