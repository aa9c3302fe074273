import { exportJWK, generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { changeApiClient } from '#core/clients/change-api-client.ts';
import { checkClientSecret } from '#core/clients/check-client-secret.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { endApiClientSecret } from '#core/clients/end-api-client-secret.ts';
import { listApiClients } from '#core/clients/list-api-clients.ts';
import { readApiClient } from '#core/clients/read-api-client.ts';
import { revokeApiClient } from '#core/clients/revoke-api-client.ts';
import { rotateApiClientSecret } from '#core/clients/rotate-api-client-secret.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { auditBodies, makeUser } from '#tests/support/users.ts';

const server = system('test');
const wait = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
let count = 0;

async function newClient() {
  count += 1;
  const name = `deploy-${count}`;
  const { id, secret } = await createApiClient(server, { name, role: 'operator' });
  if (secret === null) throw new Error('It has no secret.');
  return { clientId: id, name, secret: secret.expose() };
}

const works = (clientId: string, secret: string) => checkClientSecret(server, { clientId, secret });
const secretsOf = async (clientId: string) => (await readApiClient(server, { clientId })).secrets;
const eventsOf = async (action: string, id: string) =>
  (await auditBodies(action)).filter((body) => body.id === id);

async function publicKey(): Promise<{ kty: 'EC'; [member: string]: unknown }> {
  const pair = await generateKeyPair('ES256');
  return { ...(await exportJWK(pair.publicKey)), kty: 'EC' };
}

test('a new client has one secret of 256 random bits, of which a hash and a hint are stored', async () => {
  const { clientId, secret } = await newClient();
  expect(secret).toMatch(/^rekey_[\w-]{43}$/);
  const rows = await db().prisma.apiClientSecret.findMany({ where: { clientId } });
  expect(rows).toHaveLength(1);
  expect(rows[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(secret.endsWith(rows[0]?.hint ?? '?')).toBe(true);
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(await works(clientId, secret)).toBe(true);
});

test('what people read about a client holds neither a secret nor a hash', async () => {
  const { clientId } = await newClient();
  const [row] = await db().prisma.apiClientSecret.findMany({ where: { clientId } });
  const read = JSON.stringify([await readApiClient(server, { clientId }), await listApiClients(server, {})]);
  expect(read).not.toContain(row?.hash);
  expect(read).toContain(row?.hint);
});

test('a name belongs to one live client, also when two ask for it at once, and is free after a revocation', async () => {
  const wish = { name: 'nightly', role: 'viewer' } as const;
  const tries = await Promise.allSettled([createApiClient(server, wish), createApiClient(server, wish)]);
  const refused = tries.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject([{ reason: { status: 409, code: 'name_taken' } }]);
  const [first] = tries.filter((one) => one.status === 'fulfilled');
  await revokeApiClient(server, { clientId: first?.value.id ?? '', typedName: 'nightly' });
  await expect(createApiClient(server, wish)).resolves.toMatchObject({ id: expect.any(String) });
});

test.each([
  ['1h', '59 minutes 59 seconds'],
  ['24h', '23 hours 59 minutes 59 seconds'],
  ['7d', '6 days 23 hours 59 minutes 59 seconds'],
] as const)(
  'with an overlap of %s the old secret works as long, and then it does not',
  async (overlap, almost) => {
    const { clientId, secret } = await newClient();
    const next = await rotateApiClientSecret(server, { clientId, overlap });
    await wait(almost);
    expect(await works(clientId, secret)).toBe(true);
    await wait('1 second');
    expect(await works(clientId, secret)).toBe(false);
    expect(await works(clientId, next.secret.expose())).toBe(true);
  },
);

test('a secret that ends keeps its time when the client is rotated again with a longer overlap', async () => {
  const { clientId, secret } = await newClient();
  await rotateApiClientSecret(server, { clientId, overlap: '1h' });
  await rotateApiClientSecret(server, { clientId, overlap: '7d' });
  await wait('1 hour');
  expect(await works(clientId, secret)).toBe(false);
});

test('an immediate rotation ends every secret before it at once, and takes the typed name', async () => {
  const { clientId, name, secret } = await newClient();
  const second = await rotateApiClientSecret(server, { clientId, overlap: '24h' });
  for (const typedName of [undefined, '', 'another']) {
    const wish = { clientId, overlap: 'now', typedName } as const;
    await expect(rotateApiClientSecret(server, wish)).rejects.toMatchObject({ code: 'name_not_typed' });
  }
  expect(await works(clientId, secret)).toBe(true);
  const third = await rotateApiClientSecret(server, { clientId, overlap: 'now', typedName: name });
  for (const ended of [secret, second.secret.expose()]) expect(await works(clientId, ended)).toBe(false);
  expect(await works(clientId, third.secret.expose())).toBe(true);
});

test('a client has five secrets that work at most, and one more is refused without a change', async () => {
  const { clientId, secret } = await newClient();
  for (let n = 0; n < 4; n += 1) await rotateApiClientSecret(server, { clientId, overlap: '7d' });
  const more = rotateApiClientSecret(server, { clientId, overlap: '1h' });
  await expect(more).rejects.toMatchObject({ status: 409, code: 'slots_full' });
  await wait('2 hours');
  expect(await works(clientId, secret)).toBe(true);
});

test('rotations at the same time never leave more than five secrets that work', async () => {
  const { clientId } = await newClient();
  const tries = Array.from({ length: 8 }, () => rotateApiClientSecret(server, { clientId, overlap: '7d' }));
  await Promise.allSettled(tries);
  expect((await secretsOf(clientId)).filter(({ live }) => live)).toHaveLength(5);
});

test('one secret of several is ended at once; the last one that lasts stays', async () => {
  const { clientId, secret } = await newClient();
  const next = await rotateApiClientSecret(server, { clientId, overlap: '24h' });
  const [newest, oldest] = await secretsOf(clientId);
  const endNewest = () => endApiClientSecret(server, { clientId, secretId: newest?.id ?? '' });
  await expect(endNewest()).rejects.toMatchObject({ status: 409, code: 'last_secret' });
  await endApiClientSecret(server, { clientId, secretId: oldest?.id ?? '' });
  expect(await works(clientId, secret)).toBe(false);
  expect(await works(clientId, next.secret.expose())).toBe(true);
  await expect(endNewest()).rejects.toMatchObject({ code: 'last_secret' });
  expect(await eventsOf('api_client.secret_ended', clientId)).toMatchObject([{ hint: oldest?.hint }]);
});

test('a secret of another client, and one that has ended, are not found', async () => {
  const [one, other] = [await newClient(), await newClient()];
  const [secret] = await secretsOf(other.clientId);
  const wish = { clientId: one.clientId, secretId: secret?.id ?? '' };
  await expect(endApiClientSecret(server, wish)).rejects.toMatchObject({ status: 404 });
});

test('revoking takes the typed name and ends the client and its secrets', async () => {
  const { clientId, name, secret } = await newClient();
  const wrong = revokeApiClient(server, { clientId, typedName: 'another' });
  await expect(wrong).rejects.toMatchObject({ code: 'name_not_typed' });
  expect(await works(clientId, secret)).toBe(true);
  await revokeApiClient(server, { clientId, typedName: name, reason: 'It was retired' });
  expect(await works(clientId, secret)).toBe(false);
  expect((await secretsOf(clientId)).filter(({ live }) => live)).toEqual([]);
  expect(await eventsOf('api_client.revoked', clientId)).toMatchObject([{ reason: 'It was retired' }]);
  const again = revokeApiClient(server, { clientId, typedName: name });
  await expect(again).rejects.toMatchObject({ status: 404 });
});

test('a changed name and role count at once, and the audit says what was otherwise', async () => {
  const { clientId, name } = await newClient();
  await changeApiClient(server, { clientId, name: `${name}-renamed`, role: 'viewer' });
  expect(await readApiClient(server, { clientId })).toMatchObject({
    name: `${name}-renamed`,
    role: 'viewer',
  });
  expect(await eventsOf('api_client.changed', clientId)).toMatchObject([
    {
      changes: [
        { field: 'name', from: name, to: `${name}-renamed` },
        { field: 'role', from: 'operator', to: 'viewer' },
      ],
    },
  ]);
});

test('a private key, a weak key and an empty set are refused, and nothing of them is kept', async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const wishes = [
    { keys: [{ ...(await exportJWK(pair.privateKey)), kty: 'EC' as const }] },
    { keys: [{ kty: 'RSA' as const, n: Buffer.alloc(64, 255).toString('base64url'), e: 'AQAB' }] },
    { keys: [{ kty: 'EC' as const, crv: 'P-256' }] },
    { keys: [] },
  ];
  for (const publicKeys of wishes) {
    const made = createApiClient(server, { name: 'with keys', role: 'viewer', publicKeys });
    await expect(made).rejects.toMatchObject({ status: 400, code: 'bad_input' });
  }
  expect(await db().prisma.apiClient.count({ where: { name: 'with keys' } })).toBe(0);
});

test('a client with keys has no secret to rotate, and its keys can be changed for others', async () => {
  const publicKeys = { keys: [await publicKey()] };
  const { id: clientId, secret } = await createApiClient(server, {
    name: 'signed',
    role: 'viewer',
    publicKeys,
  });
  expect(secret).toBeNull();
  const rotated = rotateApiClientSecret(server, { clientId, overlap: '1h' });
  await expect(rotated).rejects.toMatchObject({ code: 'no_secret' });
  const others = { keys: [{ ...(await publicKey()), kid: 'second' }] };
  await changeApiClient(server, { clientId, name: 'signed', role: 'viewer', publicKeys: others });
  expect(await readApiClient(server, { clientId })).toMatchObject({ keyIds: ['second'], secrets: [] });
});

test('each change is audited with who did it, and no secret is in an event', async () => {
  const user = await makeUser('admin');
  const actor: Actor = { kind: 'user', id: user.id, name: 'Ada', role: 'admin', stepUpAt: new Date() };
  // The database's clock was moved by other tests; a fresh proof is fresh by that clock.
  const { rows } = await db().pool.query<{ now: Date }>('select rekey_now() as now');
  const fresh = { ...actor, stepUpAt: rows[0]?.now ?? new Date() };
  const made = await createApiClient(fresh, { name: 'audited', role: 'viewer' });
  const next = await rotateApiClientSecret(fresh, { clientId: made.id, overlap: '1h' });
  const told = [
    ...(await eventsOf('api_client.created', made.id)),
    ...(await eventsOf('api_client.secret_issued', made.id)),
  ];
  expect(told).toMatchObject([
    { actor: { kind: 'user', name: 'Ada' }, name: 'audited', role: 'viewer' },
    { actor: { kind: 'user', name: 'Ada' }, previousEndsAt: next.previousEndsAt },
  ]);
  for (const secret of [made.secret, next.secret]) {
    expect(JSON.stringify(told)).not.toContain(secret?.expose());
  }
});

test('an admin whose proof is older than five minutes changes nothing', async () => {
  const { clientId, name, secret } = await newClient();
  const stale: Actor = {
    kind: 'user',
    id: crypto.randomUUID(),
    name: 'Ada',
    role: 'admin',
    stepUpAt: new Date(0),
  };
  const calls = [
    () => createApiClient(stale, { name: 'stale', role: 'viewer' }),
    () => rotateApiClientSecret(stale, { clientId, overlap: 'now', typedName: name }),
    () => changeApiClient(stale, { clientId, name, role: 'admin' }),
    () => revokeApiClient(stale, { clientId, typedName: name }),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'step_up_required' });
  expect(await works(clientId, secret)).toBe(true);
});
