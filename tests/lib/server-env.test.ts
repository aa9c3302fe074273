import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { forgetServerEnv, keepServerEnv, takeServerEnv } from '#lib/server-env.ts';
import { listenAt, tellingServer } from '#lib/told-sockets.ts';
import { scratchFolder } from '#tests/support/folder.ts';

const made = {
  DATABASE_URL: 'postgresql://rekey_app:sample@127.0.0.1:54329/rekey',
  REKEY_MASTER_KEYS: 'm1:sample-of-a-launcher',
  REKEY_URL: 'http://localhost:3000',
  NODE_ENV: 'production',
} as const;

beforeEach(() => {
  vi.stubEnv('DATABASE_URL', '');
  vi.stubEnv('REKEY_URL', undefined);
  vi.stubEnv('REKEY_MASTER_KEYS', undefined);
});
afterEach(() => vi.unstubAllEnvs());

const written = (folder: string) => fs.readFileSync(path.join(folder, 'server.env'), 'utf8');

/** A folder in which a launcher lives, as its lock says. */
async function livedIn(): Promise<string> {
  const folder = scratchFolder();
  const lock = tellingServer(() => '');
  await listenAt(lock, path.join(folder, 'lock'));
  onTestFinished(() => {
    lock.close();
  });
  return folder;
}

test('a command takes over what the launcher made, and nothing is left once it has stopped', async () => {
  const folder = await livedIn();
  // An empty variable would be kept by Node as it is.
  delete process.env.DATABASE_URL;
  keepServerEnv(folder, made, { NODE_ENV: 'production' });
  expect(fs.statSync(path.join(folder, 'server.env')).mode & 0o777).toBe(0o600);
  await takeServerEnv(folder);
  expect(process.env.DATABASE_URL).toBe(made.DATABASE_URL);
  expect(process.env.REKEY_MASTER_KEYS).toBe(made.REKEY_MASTER_KEYS);
  forgetServerEnv(folder);
  expect(fs.readdirSync(folder)).toEqual(['lock']);
});

test('what was given, such as keys that Vault opened, is not written down', () => {
  const folder = scratchFolder();
  const opened = { ...made, REKEY_MASTER_KEYS: 'm1:sample-that-vault-opened' };
  keepServerEnv(folder, opened, { NODE_ENV: 'production', REKEY_MASTER_KEYS: opened.REKEY_MASTER_KEYS });
  expect(written(folder)).not.toContain('REKEY_MASTER_KEYS');
  expect(written(folder)).not.toContain('vault-opened');
  expect(written(folder)).toContain('REKEY_URL="http://localhost:3000"\n');
});

test('what a launcher that was killed left behind is not taken over', async () => {
  const folder = scratchFolder();
  delete process.env.DATABASE_URL;
  keepServerEnv(folder, made, { NODE_ENV: 'production' });
  await takeServerEnv(folder);
  expect(process.env.DATABASE_URL).toBeUndefined();
  expect(process.env.REKEY_MASTER_KEYS).toBeUndefined();
});

test('where a database is named, nothing is taken over', async () => {
  const folder = await livedIn();
  keepServerEnv(folder, made, { NODE_ENV: 'production' });
  vi.stubEnv('DATABASE_URL', 'postgresql://another');
  await takeServerEnv(folder);
  expect(process.env.DATABASE_URL).toBe('postgresql://another');
  expect(process.env.REKEY_MASTER_KEYS).toBeUndefined();
});
