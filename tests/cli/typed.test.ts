import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/* What is typed at the rekey command, before anything is asked of a server or a database. */

interface Ended {
  readonly code: number;
  readonly said: string;
  readonly complained: string;
}

const rekey = (...args: string[]) => rekeyIn('.', args);

/** The command of a checkout. */
function rekeyIn(root: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const command = [path.resolve(root, 'cli/rekey.mjs'), ...args];
    execFile(
      process.execPath,
      command,
      { env: { ...process.env, REKEY_API_URL: '', XDG_CONFIG_HOME: '/nowhere' } },
      (error, said, complained) =>
        resolve({ code: error === null ? 0 : Number(error.code), said, complained }),
    );
  });
}

test.each([[[]], [['--help']]])('%j prints every command, and is no failure', async (args) => {
  const { code, said, complained } = await rekey(...args);
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  for (const usage of ['rekey rotate NAME', 'rekey audit verify', 'rekey restore --mark WHY']) {
    expect(said).toContain(`\n  ${usage}`);
  }
});

test('--help after the first word of several commands prints those, and no other', async () => {
  const { code, said, complained } = await rekey('audit', '--help');
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  const typed = [...said.matchAll(/rekey (audit \w+) /g)].map(([, words]) => words);
  expect(typed).toEqual(
    expect.arrayContaining(['audit export', 'audit verify', 'audit detach', 'audit check']),
  );
  expect(said).not.toContain('rekey rotate NAME');
});

test.each([
  [['rotate', '--help'], 'usage: rekey rotate NAME'],
  [['audit', 'verify', '-h'], 'usage: rekey audit verify'],
])('%j prints how that command is typed, and does nothing', async (args, usage) => {
  const { code, said, complained } = await rekey(...args);
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  expect(said).toContain(usage);
});

test('words that are no command are named, with the commands that begin like them', async () => {
  expect(await rekey('audit', 'verfy')).toEqual({
    code: 1,
    said: '',
    complained:
      '“audit verfy” is no command. There is: audit export, audit verify, audit detach, audit check. rekey --help says what each does.\n',
  });
  expect((await rekey('blub')).complained).toContain('There is: login, credentials list,');
});

test('an option that a command does not have is named with how it is typed; exec says with 125 that nothing was started', async () => {
  const { code, complained } = await rekey('plan', 'fleet-api', '--gracious');
  expect(code).toBe(1);
  expect(complained).toMatch(/^Unknown option '--gracious'\.\nusage: rekey plan NAME/);
  const exec = await rekey('exec', '--bindings', 'fleet-api', '--', 'true');
  expect(exec.code).toBe(125);
  expect(exec.complained).toMatch(/^Unknown option '--bindings'\.\nusage: rekey exec/);
  expect((await rekey('exec', 'fleet-api', '--', 'true')).code).toBe(125);
});

test('resume without --after-restore names the command that resumes one rotation', async () => {
  expect(await rekey('resume')).toEqual({
    code: 1,
    said: '',
    complained: 'It takes --after-restore. One rotation is resumed with: rekey rotations resume ID\n',
  });
});

test('--help of the program that exec runs is the program’s', async () => {
  const { code, complained } = await rekey('exec', '--binding', 'fleet-api', '--', 'true', '--help');
  expect({ code, complained }).toEqual({
    code: 125,
    complained: expect.stringContaining('Nobody is logged in here.'),
  });
});

test('--version is the version of the package', async () => {
  const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { version: string };
  expect((await rekey('--version')).said).toBe(`rekey ${version}\n`);
});

/** A checkout after `npm ci`: nothing is generated from the schema, and there is no bundle. */
function bareCheckout(): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-bare-'));
  onTestFinished(() => fs.rmSync(root, { recursive: true, force: true }));
  for (const part of ['cli', 'core', 'connectors', 'lib', 'package.json', 'tsconfig.json'])
    fs.cpSync(part, path.join(root, part), { recursive: true });
  fs.symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'));
  return root;
}

test('help, words that are no command and an evidence bundle need nothing that is generated', async () => {
  const root = bareCheckout();
  const help = await rekeyIn(root, ['--help']);
  expect({ code: help.code, complained: help.complained }).toEqual({ code: 0, complained: '' });
  expect(help.said).toContain('\n  rekey backup FILE');
  expect((await rekeyIn(root, ['audit', 'verfy'])).complained).toContain('“audit verfy” is no command.');
  const option = await rekeyIn(root, ['audit', 'verify', '--form', '1']);
  expect(option.complained).toMatch(/^Unknown option '--form'\.\nusage: rekey audit verify/);
  const bundle = fs.mkdtempSync(path.join(root, 'bundle-'));
  const checked = await rekeyIn(root, ['audit', 'check', bundle]);
  expect({ code: checked.code, complained: checked.complained }).toEqual({ code: 1, complained: '' });
  expect(checked.said).toMatch(/^WRONG: /);
});
