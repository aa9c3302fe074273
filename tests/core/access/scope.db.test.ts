import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import type { Read, UseCase } from '#core/access/use-case.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { listIssuers } from '#core/issuers/list-issuers.ts';
import { listApprovals } from '#core/rotation/list-approvals.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { changeRole } from '#core/users/change-role.ts';
import { changeScope } from '#core/users/change-scope.ts';
import { db } from '#lib/db.ts';
import {
  limitedActor as actor,
  type LimitedWorld,
  limitedWorld,
  payments,
  production,
} from '#tests/support/limited-world.ts';
import { auditBodies, makeUser, openSession } from '#tests/support/users.ts';

type Declared = UseCase | Read;

const isDeclared = (value: unknown): value is Declared =>
  typeof value === 'function' && 'effect' in value && 'may' in value;

/** Every use case and read that core declares, so that a new one is tried too. */
async function registry(): Promise<Declared[]> {
  const files = fs
    .readdirSync('core', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(files.map((file) => import(path.resolve('core', file))));
  return modules.flatMap((module) => Object.values(module as object)).filter(isDeclared);
}

const all = await registry();
const limited = all.filter(({ scope }) => scope === 'credential');

let inside: LimitedWorld;
let outside: LimitedWorld;

beforeAll(async () => {
  inside = await limitedWorld('billing', 'production', ['payments']);
  outside = await limitedWorld('reports', 'staging', ['reporting']);
});

/** Whatever the use cases ask for beside the ids; each takes what it declares. */
const rest = {
  reason: 'to see',
  targetId: randomUUID(),
  policyId: randomUUID(),
  place: {},
  fields: { clientSecret: 'KEY' },
  digest: 'd',
  secret: 'pasted',
  askId: randomUUID(),
  version: 1,
  conclusion: 'looked at',
  at: '2027-01-01T00:00:00Z',
  end: { seconds: 60 },
  graceSeconds: 60,
  // What makes a credential names its environment.
  name: 'new',
  issuerId: randomUUID(),
};

const ids = ['credentialId', 'rotationId', 'bindingId', 'findingId', 'batchId', 'credentialIds'] as const;

/** Which of the ids each variant of an input names. */
function namedBy({ input }: Declared) {
  const variants = input instanceof z.ZodUnion ? input.options : [input];
  return variants.map((one) => ids.filter((id) => one instanceof z.ZodObject && id in one.shape));
}

const withIds = limited.filter((declared) => namedBy(declared).some((names) => names.length > 0));

test('the registry is read, and most of what concerns credentials names one', () => {
  expect(all.length).toBeGreaterThan(70);
  expect(withIds.length).toBeGreaterThan(20);
});

const tried = withIds.map((declared) => [declared.name, declared] as const);

test.each(tried)('%s: what is outside of the limits does not exist', async (_name, declared) => {
  const role = declared.may.includes('operator') ? 'operator' : (declared.may[0] ?? 'admin');
  for (const scope of [production, payments, { environments: ['staging'], labels: ['payments'] }]) {
    const call = declared(actor(scope, role), { ...rest, ...outside } as never);
    await expect(call, JSON.stringify(scope)).rejects.toMatchObject({ status: 404, code: 'not_found' });
  }
});

test.each(tried)('%s: an id within the limits opens nothing beside it', async (_name, declared) => {
  const role = declared.may.includes('operator') ? 'operator' : (declared.may[0] ?? 'admin');
  for (const names of namedBy(declared)) {
    for (const id of names) {
      const within = Object.fromEntries(names.map((name) => [name, inside[name]]));
      const call = declared(actor(production, role), { ...rest, ...within, [id]: outside[id] } as never);
      await expect(call, id).rejects.toMatchObject({ status: 404, code: 'not_found' });
    }
  }
});

test('nothing of what was tried has changed anything', async () => {
  const row = await db().prisma.rotation.findUniqueOrThrow({ where: { id: outside.rotationId } });
  expect(row).toMatchObject({ hold: 'approval_pending', outcome: null, fence: 0n });
  const credential = await db().prisma.credential.findUniqueOrThrow({ where: { id: outside.credentialId } });
  expect(credential).toMatchObject({ pausedAt: null });
});

test.each(
  all
    .filter(({ scope, effect, may }) => scope === 'everything' && effect === 'change' && may.length > 0)
    .map((declared) => [declared.name, declared] as const),
)('%s concerns everything, so it is refused to whoever is limited', async (_name, declared) => {
  const call = declared(actor(production, declared.may[0]), {} as never);
  await expect(call).rejects.toMatchObject({ status: 403, code: 'out_of_scope' });
});

test('whoever is limited pauses not everything, and imports only where their limits are', async () => {
  await expect(pauseEverything(actor(production, 'admin'), { reason: 'x' })).rejects.toMatchObject({
    status: 403,
    code: 'out_of_scope',
  });
  const wish = { name: 'new', issuerId: randomUUID(), place: {}, fields: { clientSecret: 'x' } };
  for (const [scope, environment] of [
    [production, 'staging'],
    [payments, 'production'],
  ] as const) {
    await expect(importCredential(actor(scope), { ...wish, environment })).rejects.toMatchObject({
      code: 'out_of_scope',
    });
  }
  await expect(
    importCredential(actor(production), { ...wish, environment: 'production' }),
  ).rejects.toMatchObject({
    code: 'not_found',
  });
});

test.each([
  ['an environment', production],
  ['a label', payments],
])('lists leave out what is outside of the limits: %s', async (_what, scope) => {
  const ada = actor(scope);
  expect((await searchCredentials(ada, {})).items.map(({ name }) => name)).toEqual(['billing']);
  expect((await listApprovals(ada, {})).map(({ rotationId }) => rotationId)).toEqual([inside.rotationId]);
  const { items } = await listAuditEvents(ada, {});
  expect(new Set(items.map(({ credentialId }) => credentialId))).toEqual(new Set([inside.credentialId]));
  expect((await listAuditEvents(ada, { q: 'action:credential.*' })).items).toHaveLength(1);
  expect((await listAuditEvents(ada, { before: items.at(-1)?.cursor })).items).toEqual([]);
  expect((await listAuditEvents(ada, { q: `credential:${outside.credentialId}` })).items).toEqual([]);
  expect((await listAuditEvents(ada, { q: 'environment:staging' })).items).toEqual([]);
  expect((await listAuditEvents(ada, { q: 'environment:production' })).items.length).toBe(items.length);
  expect(await listApprovals(ada, { environment: 'staging' })).toEqual([]);
  expect((await listIssuers(ada, {}))[0]).toMatchObject({ credentials: 1 });
});

test('who has no limits sees all, and so does an actor whose lists are empty', async () => {
  for (const scope of [undefined, { environments: [], labels: [] }]) {
    expect((await searchCredentials(actor(scope), {})).items).toHaveLength(2);
    expect((await listAuditEvents(actor(scope), { q: 'action:credential.created' })).items).toHaveLength(2);
  }
  expect((await searchCredentials(system('test'), {})).items).toHaveLength(2);
});

test('limits count at the next request, are recorded, and an admin has none', async () => {
  const admin = await makeUser('admin');
  const user = await makeUser('operator');
  const sessionId = await openSession(user.email);
  await changeScope(system('test'), { userId: user.id, environments: ['production'], labels: [] });
  const ada = await readSession(sessionId);
  expect(ada?.scope).toEqual(production);
  expect((await auditBodies('scope.changed')).at(-1)).toMatchObject({
    email: user.email,
    environments: ['production'],
  });
  const refused = { code: 'admin_not_limited' };
  await expect(
    changeScope(system('test'), { userId: admin.id, environments: ['production'], labels: [] }),
  ).rejects.toMatchObject(refused);
  await expect(changeRole(system('test'), { userId: user.id, role: 'admin' })).rejects.toMatchObject(refused);
});
