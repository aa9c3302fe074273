import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { firstPort, wishPorts } from '#tests/e2e/support/ports.ts';

/* npm start itself, with the database it brings: what an installation without anything else goes through. */

test.describe.configure({ mode: 'serial' });

interface Launch {
  child: ChildProcess;
  said: () => string;
  ended: Promise<number | null>;
}

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-start-'));
// Open to others, as a checkout usually is; a closed one has its own test.
fs.chmodSync(dataDir, 0o755);
let password = '';

function launch(...args: string[]): Launch {
  const { DATABASE_URL: _database, PORT: _port, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/start.ts', ...args], {
    env: { ...env, REKEY_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, said: () => said, ended };
}

const addressIn = ({ said }: Launch) => /Rekey is ready: (http:\/\/localhost:\d+)\n/.exec(said())?.[1] ?? '';

async function ready(launched: Launch): Promise<string> {
  await expect.poll(() => addressIn(launched), { timeout: 60_000, message: launched.said() }).not.toBe('');
  return addressIn(launched);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function openPorts(): Promise<string[]> {
  const { ports } = JSON.parse(fs.readFileSync(path.join(dataDir, 'keys.json'), 'utf8')) as {
    ports: Record<string, number>;
  };
  const checks = await Promise.all(
    Object.entries(ports).map(async ([name, port]) => ({ name, open: await isOpen(port) })),
  );
  return checks.filter(({ open }) => open).map(({ name }) => name);
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('E-mail').fill('admin@rekey.local');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/overview');
  await page.getByRole('link', { name: 'Credentials', exact: true }).click();
  await page.waitForURL('**/credentials');
}

let running: Launch;

test.beforeAll(() => wishPorts(dataDir, firstPort + 50));

test.afterAll(async () => {
  running.child.kill('SIGKILL');
  await expect.poll(openPorts, { timeout: 20_000 }).toEqual([]);
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.rmSync(`${dataDir}-sample`, { recursive: true, force: true });
});

test('the first start shows its steps, its address and the admin’s password, and the sample world is there', async ({
  page,
}) => {
  running = launch();
  const url = await ready(running);
  for (const step of ['build', 'database', 'migrations', 'sample world', 'worker', 'web']) {
    expect(running.said()).toMatch(new RegExp(`${step} +\\d+\\.\\d s`));
  }
  password = /Password: (\S+)/.exec(running.said())?.[1] ?? '';
  await signIn(page, url);
  for (const name of ['fleet-api', 'survey-importer', 'report-builder', 'partner-portal']) {
    await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
  }
});

test('a second start in the same folder says that one is running, and where', async () => {
  const second = launch();
  expect(await second.ended).toBe(1);
  expect(second.said()).toContain(`Rekey is already running in this folder: ${addressIn(running)}`);
});

test('commands on the server find what runs in the data folder, from any other one', async () => {
  const { PATH = '' } = process.env;
  const said = execFileSync(process.execPath, [path.resolve('cli/rekey.mjs'), 'audit', 'verify'], {
    cwd: os.tmpdir(),
    env: { PATH, NODE_ENV: 'production', REKEY_DATA_DIR: dataDir },
    encoding: 'utf8',
  });
  expect(said).toContain('nothing was altered');
  expect(fs.statSync(path.join(dataDir, 'server.env')).mode & 0o777).toBe(0o600);
});

test('after kill -9 of the launcher everything else leaves, and the next start has the data intact', async ({
  page,
}) => {
  running.child.kill('SIGKILL');
  await expect.poll(openPorts, { timeout: 20_000 }).toEqual([]);
  running = launch();
  const url = await ready(running);
  expect(running.said()).not.toContain('Password:   ');
  expect(running.said()).not.toMatch(/E-mail:/);
  await signIn(page, url);
  await expect(page.getByRole('link', { name: 'fleet-api', exact: true })).toBeVisible();
});

test('Ctrl-C stops everything, in order, and leaves with success', async () => {
  running.child.kill('SIGINT');
  expect(await running.ended).toBe(0);
  expect(await openPorts()).toEqual([]);
  expect(fs.existsSync(path.join(dataDir, 'server.env'))).toBe(false);
});

test('a busy port gets the next free one', async () => {
  const { ports } = JSON.parse(fs.readFileSync(path.join(dataDir, 'keys.json'), 'utf8')) as {
    ports: Record<string, number>;
  };
  const blocker = net.createServer().listen(ports.web, '127.0.0.1');
  running = launch('--no-sample');
  const url = await ready(running);
  expect(new URL(url).port).not.toBe(String(ports.web));
  blocker.close();
  // Without the sample world too, the folder that env files may be written under is there, and is named.
  await expect.poll(() => running.said()).toContain('Env files may be written under');
  expect(fs.statSync(`${dataDir}-sample`).isDirectory()).toBe(true);
  running.child.kill('SIGINT');
  await running.ended;
});
