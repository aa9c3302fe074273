import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadKeys } from '#lib/keys.ts';
import { fakeApi } from '#tests/support/fake-api.ts';
import { scratchFolder } from '#tests/support/folder.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER = Buffer.alloc(32, 8).toString('base64');

function written(name: string, text: string): string {
  const file = path.join(scratchFolder(), name);
  fs.writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** A transit engine that opens two texts for one token. */
async function engine() {
  const opens: Record<string, string> = { 'vault:v1:aaa=': KEY, 'vault:v2:bbb=': OTHER };
  const api = await fakeApi(({ path: asked, headers, body }) => {
    const { ciphertext } = JSON.parse(body) as { ciphertext: string };
    const plaintext = opens[ciphertext];
    if (asked !== '/v1/transit/decrypt/rekey' || headers['x-vault-token'] !== 'sample-token') return [403];
    return plaintext === undefined ? [400] : [200, { data: { plaintext } }];
  });
  onTestFinished(() => api.close());
  return { api, address: `${api.url}/v1/transit/decrypt/rekey` };
}

test('what stands in the environment stays as it is, and nobody is asked', async () => {
  const env = { REKEY_MASTER_KEYS: `m1:${KEY}`, REKEY_AUDIT_KEY: OTHER };
  await loadKeys(env);
  expect(env).toEqual({ REKEY_MASTER_KEYS: `m1:${KEY}`, REKEY_AUDIT_KEY: OTHER });
});

test('keys are read from a file, whose name is gone from what children inherit', async () => {
  const file = written('keys', `# made by hand\nREKEY_MASTER_KEYS=m1:${KEY}\n\nREKEY_TOKEN_KEY=${OTHER}\n`);
  const env: Record<string, string> = { REKEY_KEYS_FILE: file, REKEY_AUDIT_KEY: OTHER };
  await loadKeys(env);
  expect(env).toEqual({ REKEY_MASTER_KEYS: `m1:${KEY}`, REKEY_TOKEN_KEY: OTHER, REKEY_AUDIT_KEY: OTHER });
});

test.each([
  [
    'a key that is set twice',
    { REKEY_AUDIT_KEY: OTHER },
    `REKEY_AUDIT_KEY=${KEY}`,
    /REKEY_AUDIT_KEY is set, and/,
  ],
  ['a line that names no key', {}, `DATABASE_URL=${KEY}`, /line 1 .* is none of/],
  ['a line that is none', {}, `REKEY_TOKEN_KEY=${OTHER}\n${KEY}`, /line 2 .* is none of/],
  [
    'a sealed key without an engine',
    {},
    'REKEY_TOKEN_KEY=vault:v1:aaa=',
    /REKEY_TRANSIT_URL or its token is not set/,
  ],
])('%s is refused, and no value is repeated', async (_what, env, text, sentence) => {
  const loading = loadKeys({ ...env, REKEY_KEYS_FILE: written('keys', text) });
  await expect(loading).rejects.toThrow(sentence);
  await expect(loading).rejects.not.toThrow(KEY);
  await expect(loading).rejects.not.toThrow(OTHER);
});

test('a file that is not there is named by its variable', async () => {
  await expect(loadKeys({ REKEY_KEYS_FILE: '/nowhere/keys' })).rejects.toThrow(/REKEY_KEYS_FILE.*ENOENT/);
});

test('what a transit engine sealed is opened by it, several in one value, with a token from a file', async () => {
  const { address } = await engine();
  const env: Record<string, string> = {
    REKEY_MASTER_KEYS: 'm2:vault:v2:bbb=,m1:vault:v1:aaa=',
    REKEY_KEYS_FILE: written('keys', 'REKEY_AUDIT_KEY=vault:v1:aaa=\n'),
    REKEY_TRANSIT_URL: address,
    REKEY_TRANSIT_TOKEN_FILE: written('token', 'sample-token\n'),
  };
  await loadKeys(env);
  expect(env).toEqual({
    REKEY_MASTER_KEYS: `m2:${OTHER},m1:${KEY}`,
    REKEY_AUDIT_KEY: KEY,
    REKEY_TRANSIT_URL: address,
  });
});

test('an engine that is busy at first is asked again; one that refuses is told once, without the token', async () => {
  const { api, address } = await engine();
  let busy = 1;
  api.trouble = () => (busy-- > 0 ? [503] : undefined);
  const sealed = { REKEY_AUDIT_KEY: 'vault:v1:aaa=', REKEY_TRANSIT_URL: address };
  const env = { ...sealed, REKEY_TRANSIT_TOKEN: 'sample-token' };
  await loadKeys(env);
  expect(env.REKEY_AUDIT_KEY).toBe(KEY);
  expect(api.seen).toHaveLength(2);
  const refused = loadKeys({ ...sealed, REKEY_TRANSIT_TOKEN: 'wrong-token' });
  await expect(refused).rejects.toThrow(/answered 403/);
  await expect(refused).rejects.not.toThrow(/wrong-token/);
  expect(api.seen).toHaveLength(3);
});
