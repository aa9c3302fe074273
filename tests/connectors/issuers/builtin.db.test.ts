import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtin } from '#connectors/issuers/builtin.ts';
import { type Role, system } from '#core/access/actor.ts';
import { changeApiClient } from '#core/clients/change-api-client.ts';
import { checkClientSecret } from '#core/clients/check-client-secret.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { endApiClientSecret } from '#core/clients/end-api-client-secret.ts';
import { readApiClient } from '#core/clients/read-api-client.ts';
import { revokeApiClient } from '#core/clients/revoke-api-client.ts';
import { rotateApiClientSecret } from '#core/clients/rotate-api-client-secret.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '#tests/support/call.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil } from '#tests/support/sample.ts';

const actor = system('builtin');
let folder: string;
let issuerId: string;
let count = 0;

beforeAll(async () => {
  // Read once, by the first use case; the folders that are made below it are then allowed too.
  const root = fs.realpathSync(os.tmpdir());
  process.env.REKEY_FILE_ROOTS = root;
  process.env.REKEY_DATA_DIR = path.join(root, 'no-data-here');
  folder = fs.mkdtempSync(path.join(root, 'rekey-builtin-'));
  issuerId = (await addIssuer(actor, { name: 'this Rekey', kind: 'builtin', config: {} })).id;
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function newClient(role: Role = 'operator') {
  count += 1;
  const name = `program-${count}`;
  const { id: clientId, secret } = await createApiClient(actor, { name, role });
  if (secret === null) throw new Error('It has no secret.');
  const [line] = (await readApiClient(actor, { clientId })).secrets;
  return { clientId, name, secret: secret.expose(), externalId: line?.id ?? '' };
}

/** A client that Rekey rotates itself, with an env file that its program reads. */
async function managedClient() {
  const client = await newClient();
  const { clientId, name, secret, externalId } = client;
  const { id: credentialId } = await importCredential(actor, {
    name: `credential of ${name}`,
    issuerId,
    place: { clientId },
    environment: 'test',
    fields: { clientId, clientSecret: secret },
    externalId,
  });
  const file = path.join(folder, `${name}.env`);
  const { id: targetId } = await addTarget(actor, { name: `env of ${name}`, kind: 'dotenv', config: {} });
  const fields = { clientSecret: 'REKEY_CLIENT_SECRET' };
  await bindTarget(actor, { credentialId, targetId, place: { path: file }, fields });
  return { ...client, credentialId, file };
}

const works = (clientId: string, secret: string) => checkClientSecret(actor, { clientId, secret });
const inFile = (file: string) => parseEnv(fs.readFileSync(file, 'utf8')).REKEY_CLIENT_SECRET ?? '';
const callFor = (clientId: string) => callWith({}, { clientId });

test('the engine rotates an API client with an overlap, delivers its secret, and proves the old one dead', async () => {
  const { clientId, credentialId, secret, file } = await managedClient();
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  const later = (seconds: string) => () => moveTime(process.env.DATABASE_URL ?? '', seconds);
  await advanceUntil(
    rotationId,
    ({ phase, hold }) => phase === 'overlap' || hold !== null,
    later('5 seconds'),
  );
  const next = inFile(file);
  expect(next).toMatch(/^rekey_/);
  expect([await works(clientId, secret), await works(clientId, next)]).toEqual([true, true]);
  const end = await advanceUntil(
    rotationId,
    ({ outcome, hold }) => outcome !== null || hold !== null,
    later('10 minutes'),
  );
  expect(end).toMatchObject({ outcome: 'completed', hold: null });
  const rotation = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  expect(rotation.strategy).toBe('overlap');
  expect([await works(clientId, secret), await works(clientId, next)]).toEqual([false, true]);
});

test('a client that Rekey rotates is not rotated, ended or raised by hand, and its page names the credential', async () => {
  const { clientId, name, secret, externalId, credentialId } = await managedClient();
  const refused = { status: 409, code: 'managed' };
  await expect(rotateApiClientSecret(actor, { clientId, overlap: '24h' })).rejects.toMatchObject(refused);
  await expect(endApiClientSecret(actor, { clientId, secretId: externalId })).rejects.toMatchObject(refused);
  await expect(changeApiClient(actor, { clientId, name, role: 'admin' })).rejects.toMatchObject(refused);
  expect(await works(clientId, secret)).toBe(true);
  expect(await readApiClient(actor, { clientId })).toMatchObject({
    credentialId,
    credential: `credential of ${name}`,
    role: 'operator',
  });
  await changeApiClient(actor, { clientId, name: `${name}-renamed`, role: 'viewer' });
});

test.each(['admin', 'approver'] as const)(
  'a client with the role %s is not taken, because whoever binds its secret could act as it',
  async (role) => {
    const { clientId } = await newClient(role);
    const check = builtin.check(callFor(clientId));
    await expect(check).rejects.toMatchObject({ retry: 'never', message: expect.stringContaining(role) });
    await expect(builtin.issue?.(callFor(clientId), { rotationId: 'r1' })).rejects.toMatchObject({
      retry: 'never',
    });
    expect((await readApiClient(actor, { clientId })).secrets).toHaveLength(1);
  },
);

test('a revoked client is refused for good, and revoking one of its secrets succeeds as gone', async () => {
  const { clientId, name, secret, externalId } = await newClient();
  await revokeApiClient(actor, { clientId, typedName: name });
  await expect(builtin.check(callFor(clientId))).rejects.toMatchObject({ retry: 'never' });
  const fields = { clientSecret: new Plaintext(secret) };
  expect(await builtin.verify(callFor(clientId), fields)).toBe('rejected');
  await builtin.revoke?.(callFor(clientId), externalId);
});

test('revoking never touches a secret of another client', async () => {
  const [one, other] = [await newClient(), await newClient()];
  await builtin.revoke?.(callFor(one.clientId), other.externalId);
  expect(await works(other.clientId, other.secret)).toBe(true);
});

test('a sixth secret is refused as a conflict that names what is there, also when many ask at once', async () => {
  const { clientId } = await newClient();
  const tries = Array.from({ length: 8 }, (_, n) =>
    builtin.issue?.(callFor(clientId), { rotationId: `r${n}` }),
  );
  const ended = await Promise.allSettled(tries);
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
  const [refused] = ended.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject({ reason: { retry: 'never', because: 'conflict' } });
});

test('its listing carries tags and the last use, so that a forgotten secret is seen', async () => {
  const { clientId, secret } = await newClient();
  await works(clientId, secret);
  const issued = await builtin.issue?.(callFor(clientId), { rotationId: 'rotation-7' });
  expect(await builtin.listSecrets?.(callFor(clientId))).toMatchObject([
    { lastUsedAt: expect.any(Date) },
    { externalId: issued?.externalId, tag: 'rotation-7', lastUsedAt: null },
  ]);
  // Trying a secret as the engine does is no use of it.
  await builtin.verify(callFor(clientId), issued?.fields ?? {});
  const [, tried] = (await builtin.listSecrets?.(callFor(clientId))) ?? [];
  expect(tried?.lastUsedAt).toBeNull();
});

test('the database holds the delivered secret sealed, and its hash, and nothing else of it', async () => {
  const { credentialId, file, clientId } = await managedClient();
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  const later = () => moveTime(process.env.DATABASE_URL ?? '', '5 seconds');
  await advanceUntil(rotationId, ({ phase, hold }) => phase === 'overlap' || hold !== null, later);
  const secret = inFile(file);
  expect(await works(clientId, secret)).toBe(true);
  for (const table of ['secret_versions', 'rotation_steps', 'api_client_secrets', 'audit_events']) {
    const { rows } = await db().pool.query<{ text: string }>(`select t::text as text from ${table} t`);
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) expect(text).not.toContain(secret);
  }
});
