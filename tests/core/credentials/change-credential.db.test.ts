import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Actor, type Scope, system } from '#core/access/actor.ts';
import { changeCredential } from '#core/credentials/change-credential.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { ask } from '#tests/app/api/ask.ts';
import { limitedActor } from '#tests/support/limited-world.ts';
import { auditBodies } from '#tests/support/users.ts';

const setup = system('test');
let issuerId: string;
let credentialId: string;
let name: string;
let count = 0;

const person = (role: 'operator' | 'admin'): Actor => ({
  kind: 'user',
  id: newId(),
  name: 'Olga',
  role,
  stepUpAt: new Date(0),
});

const wishOf = (more: object) => ({
  name,
  issuerId,
  place: {},
  environment: 'staging',
  fields: { secret: 'canary-Ch5-value-of-a-changed-credential-xy' },
  ...more,
});

beforeAll(async () => {
  process.env.REKEY_DATA_DIR = '/nonexistent/rekey-data';
  issuerId = (await addIssuer(setup, { name: 'random', kind: 'random', config: {} })).id;
});
beforeEach(async () => {
  count += 1;
  name = `changed-${count}`;
  ({ id: credentialId } = await importCredential(setup, wishOf({ owner: 'Ops', labels: ['edge'] })));
});

const read = () => readCredential(setup, { credentialId });
const told = async () =>
  (await auditBodies('credential.changed')).filter((one) => one.credentialId === credentialId);

test('name, environment, owner and labels are changed, and the audit says from what to what', async () => {
  const wish = { name: `${name}-eu`, environment: 'production', owner: '', labels: ['eu', 'edge', 'eu'] };
  await changeCredential(person('operator'), { credentialId, ...wish });
  expect(await read()).toMatchObject({
    name: `${name}-eu`,
    environment: 'production',
    owner: null,
    labels: ['eu', 'edge'],
  });
  expect(await told()).toMatchObject([
    {
      credential: `${name}-eu`,
      actor: { name: 'Olga' },
      changes: [
        { field: 'name', from: name, to: `${name}-eu` },
        { field: 'environment', from: 'staging', to: 'production' },
        { field: 'owner', from: 'Ops', to: 'none' },
        { field: 'labels', from: 'edge', to: 'edge, eu' },
      ],
    },
  ]);
});

test('what is left out stays, and where nothing is otherwise than before nothing is told', async () => {
  await changeCredential(person('operator'), { credentialId });
  await changeCredential(person('operator'), { credentialId, name, owner: ' Ops ', labels: ['edge'] });
  expect(await told()).toEqual([]);
  await changeCredential(person('operator'), { credentialId, owner: 'Data' });
  expect(await read()).toMatchObject({ name, environment: 'staging', owner: 'Data', labels: ['edge'] });
});

test('a name that another credential has is refused at its field, also when both are given at the same moment', async () => {
  const other = await importCredential(setup, wishOf({ name: `${name}-other` }));
  const taken = { status: 409, code: 'name_taken', fields: { name: expect.stringContaining(name) } };
  await expect(changeCredential(setup, { credentialId: other.id, name })).rejects.toMatchObject(taken);
  const both = await Promise.allSettled(
    [credentialId, other.id].map((id) =>
      changeCredential(setup, { credentialId: id, name: `${name}-wanted` }),
    ),
  );
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(both.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'name_taken' } });
});

test.each<[string, Scope]>([
  ['environments', { environments: ['staging'], labels: [] }],
  ['labels', { environments: [], labels: ['edge'] }],
])(
  'who is limited to %s changes name and owner, and moves nothing into other limits or out of them',
  async (_by, scope) => {
    const actor = limitedActor(scope);
    const before = await read();
    for (const wish of [{ environment: 'production' }, { labels: ['edge', 'payments'] }, { labels: [] }]) {
      await expect(changeCredential(actor, { credentialId, owner: 'Me', ...wish })).rejects.toMatchObject({
        status: 403,
        code: 'out_of_scope',
      });
    }
    expect(await read()).toEqual(before);
    const wish = { name: `${name}-mine`, owner: 'Me', environment: 'staging', labels: ['edge'] };
    await changeCredential(actor, { credentialId, ...wish });
    expect(await read()).toMatchObject(wish);
  },
);

test('a credential outside of somebody’s limits is not there for them', async () => {
  const actor = limitedActor({ environments: ['production'], labels: [] });
  await expect(changeCredential(actor, { credentialId, owner: 'Me' })).rejects.toMatchObject({ status: 404 });
});

test('a label has a length, and no comma that a form would part it at', async () => {
  for (const labels of [['a, b'], ['x'.repeat(51)], ['  ']]) {
    await expect(changeCredential(setup, { credentialId, labels })).rejects.toMatchObject({
      code: 'bad_input',
    });
  }
});

test('labels that an import gives are those of the credential, and it is found by them', async () => {
  const { items } = await searchCredentials(setup, { label: 'edge', q: name });
  expect(items).toMatchObject([{ id: credentialId, labels: ['edge'] }]);
});

test('who is limited to labels imports what has one of them, and nothing else', async () => {
  const actor = limitedActor({ environments: [], labels: ['payments'] });
  for (const more of [{}, { labels: ['edge'] }]) {
    const wish = wishOf({ name: `${name}-new`, ...more });
    await expect(importCredential(actor, wish)).rejects.toMatchObject({ status: 403, code: 'out_of_scope' });
  }
  const { id } = await importCredential(actor, wishOf({ name: `${name}-new`, labels: ['edge', 'payments'] }));
  expect(await readCredential(actor, { credentialId: id })).toMatchObject({ labels: ['edge', 'payments'] });
});

test('the API changes what a request names, and shows the credential as it stands then', async () => {
  const at = `/credentials/${credentialId}`;
  const changed = await ask('PUT', at, { body: { labels: ['edge', 'eu'] } });
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({ id: credentialId, name, owner: 'Ops', labels: ['edge', 'eu'] });
  expect((await ask('PUT', at, { body: { secret: 'x' } })).status).toBe(400);
  const viewer = { id: newId(), role: 'viewer' as const };
  expect((await ask('PUT', at, { body: { owner: 'V' }, caller: viewer })).status).toBe(403);
  expect(await db().prisma.credential.count({ where: { id: credentialId, owner: 'Ops' } })).toBe(1);
});
