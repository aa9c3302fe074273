import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { vaultKv } from '#connectors/targets/vault-kv.ts';
import { loadKeys } from '#lib/keys.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { fakeSurfaceScout } from '#tests/fakes/surfacescout.ts';
import { callWith } from '#tests/support/call.ts';
import { failure } from '#tests/support/failure.ts';
import { rotateFully } from './rotate-fully.ts';
import { type OpenBao, startOpenBao } from './servers/openbao.ts';
import { withServer } from './servers.ts';

const policyOf = (path: string, ...capabilities: string[]) =>
  `path "secret/data/${path}" { capabilities = ${JSON.stringify(capabilities)} }`;

const read = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()).nullable() }) });

async function dataAt(bao: OpenBao, path: string) {
  return read.parse(await bao.ask('GET', `secret/data/${path}`)).data.data;
}

/** A role whose token may do only this, and its sign-in. */
async function appRole(bao: OpenBao, name: string, policy: string) {
  const methods = await bao.ask('GET', 'sys/auth');
  if (!('approle/' in methods)) await bao.ask('POST', 'sys/auth/approle', { type: 'approle' });
  await bao.ask('PUT', `sys/policies/acl/${name}`, { policy });
  await bao.ask('POST', `auth/approle/role/${name}`, { token_policies: [name], token_ttl: '20m' });
  const role = z.object({ data: z.object({ role_id: z.string() }) });
  const secret = z.object({ data: z.object({ secret_id: z.string() }) });
  const { data } = role.parse(await bao.ask('GET', `auth/approle/role/${name}/role-id`));
  const made = secret.parse(await bao.ask('POST', `auth/approle/role/${name}/secret-id`, {}));
  return { roleId: data.role_id, secretId: made.data.secret_id };
}

function callOf(bao: OpenBao, path: string, signIn: object = { token: bao.rootToken }) {
  const config = vaultKv.config.parse({ address: bao.address, ...signIn });
  return callWith(config, vaultKv.place.parse({ path }));
}

const sealedBy = z.object({ data: z.object({ ciphertext: z.string() }) });
const tokenOf = z.object({ auth: z.object({ client_token: z.string() }) });

await withServer('OpenBao', startOpenBao, (bao) => {
  test('master keys that its transit engine sealed are opened with a token that may do only that', async () => {
    await bao.ask('POST', 'sys/mounts/transit', { type: 'transit' });
    await bao.ask('POST', 'transit/keys/rekey', {});
    const key = randomBytes(32).toString('base64');
    const sealed = sealedBy.parse(await bao.ask('POST', 'transit/encrypt/rekey', { plaintext: key }));
    const policy = 'path "transit/decrypt/rekey" { capabilities = ["update"] }';
    await bao.ask('PUT', 'sys/policies/acl/opens-keys', { policy });
    const made = tokenOf.parse(await bao.ask('POST', 'auth/token/create', { policies: ['opens-keys'] }));
    const address = `${bao.address}/v1/transit/decrypt/rekey`;
    const written = { REKEY_MASTER_KEYS: `m1:${sealed.data.ciphertext}`, REKEY_TRANSIT_URL: address };
    const env = { ...written, REKEY_TRANSIT_TOKEN: made.auth.client_token };
    await loadKeys(env);
    expect(env.REKEY_MASTER_KEYS).toBe(`m1:${key}`);
    const without = { ...written, REKEY_TRANSIT_TOKEN: 'no-token-of-this-server' };
    await expect(loadKeys(without)).rejects.toThrow(/answered 403/);
  });

  test('two rotations through the engine reach the secret by AppRole, and its siblings stay', async () => {
    await bao.ask('POST', 'secret/data/team/app', { data: { OTHER: 'of somebody else', NUMBER: 7 } });
    const policy = policyOf('team/app', 'create', 'read', 'update', 'patch');
    const signIn = await appRole(bao, 'rekey', policy);
    const scout = await fakeSurfaceScout({ maxLive: 2, clientId: 'app' });
    const first = scout.live.get('first')?.value ?? '';
    const { clientId, maxLive, readBack } = scout.behaviour;
    try {
      const current = await rotateFully({
        issuer: {
          kind: 'surfacescout',
          config: { baseUrl: scout.url, adminToken: scout.adminToken },
          place: { clientId, maxLive, readBack },
        },
        fields: { clientId, clientSecret: first },
        externalId: 'first',
        target: {
          kind: 'vault-kv',
          config: { address: bao.address, ...signIn },
          place: { path: 'team/app' },
          fields: { clientId: 'CLIENT_ID', clientSecret: 'CLIENT_SECRET' },
        },
      });
      const live = [...scout.live.values()].map(({ value }) => value);
      expect(live).toEqual([current.clientSecret]);
      expect(await dataAt(bao, 'team/app')).toEqual({
        OTHER: 'of somebody else',
        NUMBER: 7,
        CLIENT_ID: 'app',
        CLIENT_SECRET: current.clientSecret,
      });
    } finally {
      await scout.close();
    }
  });

  test('a next value lies beside the primary one and is taken away alone', async () => {
    const call = callOf(bao, 'beside');
    const value = (text: string) => ({ KEY: new Plaintext(text) });
    await vaultKv.deliver(call, value('old'), 'primary');
    await vaultKv.deliver(call, value('new'), 'next');
    expect(await dataAt(bao, 'beside')).toEqual({ KEY: 'old', KEY_NEXT: 'new' });
    expect(await vaultKv.confirm(call, value('new'), 'next')).toBe('live');
    await vaultKv.remove?.(call, ['KEY'], 'next');
    expect(await dataAt(bao, 'beside')).toEqual({ KEY: 'old' });
  });

  test('a secret that is missing, deleted or destroyed is written anew', async () => {
    const call = callOf(bao, 'gone');
    const entries = { KEY: new Plaintext('value') };
    for (const end of [
      () => bao.ask('DELETE', 'secret/data/gone'),
      () => bao.ask('PUT', 'secret/destroy/gone', { versions: [2] }),
      async () => ({}),
    ]) {
      expect(await vaultKv.confirm(call, entries, 'primary')).toBe('pending');
      await vaultKv.deliver(call, entries, 'primary');
      expect(await vaultKv.confirm(call, entries, 'primary')).toBe('live');
      await end();
    }
  });

  test('check names the capability that the policy leaves out, and a mount that is not KV version 2', async () => {
    const signIn = await appRole(bao, 'reader', policyOf('app', 'read', 'create', 'update'));
    const error = await failure(() => vaultKv.check(callOf(bao, 'app', signIn)));
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain('The token lacks `patch` on secret/data/app.');
    await bao.ask('POST', 'sys/mounts/kv1', { type: 'kv', options: { version: '1' } });
    const call = callOf(bao, 'app');
    await vaultKv.check(call);
    const other = { ...call, place: { ...call.place, mount: 'kv1' } };
    expect((await failure(() => vaultKv.check(other))).message).toContain('kv1 is not KV version 2');
  });

  test('a wrong token or secret ID is a matter of permission, and a missing mount names itself', async () => {
    const entries = { KEY: new Plaintext('value') };
    for (const signIn of [{ token: 'wrong' }, { roleId: 'nobody', secretId: 'wrong' }]) {
      const error = await failure(() => vaultKv.deliver(callOf(bao, 'app', signIn), entries, 'primary'));
      expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    }
    const call = callOf(bao, 'app');
    const other = { ...call, place: { ...call.place, mount: 'nowhere' } };
    const error = await failure(() => vaultKv.deliver(other, entries, 'primary'));
    expect(error.message).toContain('There is no secrets engine at nowhere');
  });

  test('many writers at once lose nothing of each other', async () => {
    const keys = ['A', 'B', 'C', 'D'];
    const call = callOf(bao, 'busy');
    const write = async (key: string) => {
      for (let time = 0; time < 10; time += 1) {
        const done = vaultKv.deliver(call, { [key]: new Plaintext(key) }, 'primary');
        if (
          await done.then(
            () => true,
            () => false,
          )
        )
          return;
      }
    };
    await Promise.all(keys.map(write));
    expect(await dataAt(bao, 'busy')).toEqual({ A: 'A', B: 'B', C: 'C', D: 'D' });
  });
});
