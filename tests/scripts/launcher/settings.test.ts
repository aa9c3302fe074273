import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseEnv } from '#lib/env.ts';
import { loadSettings, saveSettings } from '#scripts/launcher/settings.ts';
import { scratchFolder } from '#tests/support/folder.ts';

const modeOf = (file: string) => fs.statSync(file).mode & 0o777;

test('keys are made once and read again at the next start', () => {
  const folder = scratchFolder();
  const first = loadSettings(folder);
  expect(loadSettings(folder)).toEqual(first);
});

test('only the owner can read keys.json, whatever the umask is, also after it was saved again', () => {
  const folder = scratchFolder();
  const before = process.umask(0);
  onTestFinished(() => {
    process.umask(before);
  });
  const settings = loadSettings(folder);
  expect(modeOf(path.join(folder, 'keys.json'))).toBe(0o600);
  saveSettings(folder, { ...settings, ports: { web: 3001 } });
  expect(modeOf(path.join(folder, 'keys.json'))).toBe(0o600);
  expect(fs.readdirSync(folder)).toEqual(['keys.json']);
  expect(loadSettings(folder).ports).toEqual({ web: 3001 });
});

test('every folder gets keys of its own, and they are strong enough for the environment', () => {
  const [one, two] = [loadSettings(scratchFolder()), loadSettings(scratchFolder())];
  const keys = [one, two].flatMap((settings) => Object.values(settings).filter((v) => typeof v === 'string'));
  expect(keys).toHaveLength(18);
  expect(new Set(keys).size).toBe(18);
  const environment = {
    DATABASE_URL: 'postgresql://localhost/rekey',
    REKEY_URL: 'http://localhost:3000',
    REKEY_MASTER_KEYS: one.masterKeys,
    REKEY_FINGERPRINT_KEY: one.fingerprintKey,
    REKEY_SESSION_KEY: one.sessionKey,
    REKEY_TOKEN_KEY: one.tokenKey,
    REKEY_AUDIT_KEY: one.auditKey,
  };
  expect(parseEnv(environment).REKEY_MASTER_KEYS.size).toBe(1);
});

test('a keys.json that cannot be read is kept as it is, and nothing of it is repeated', () => {
  const folder = scratchFolder();
  const file = path.join(folder, 'keys.json');
  for (const damaged of ['', '{"masterKeys": "canary-key', '"canary-key"', 'null', '{"masterKeys": 1}']) {
    fs.writeFileSync(file, damaged);
    expect(() => loadSettings(folder), damaged).toThrow(`${file} is damaged`);
    expect(() => loadSettings(folder), damaged).not.toThrow('canary-key');
    expect(fs.readFileSync(file, 'utf8')).toBe(damaged);
  }
});

test('what an older version did not keep is added, and its keys stay', () => {
  const folder = scratchFolder();
  const { webhookSecret, ...older } = loadSettings(folder);
  fs.writeFileSync(path.join(folder, 'keys.json'), JSON.stringify(older));
  const settings = loadSettings(folder);
  expect(settings).toMatchObject(older);
  expect(settings.webhookSecret).not.toBe(webhookSecret);
});
