import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Actor, type Role, system } from '#core/access/actor.ts';
import type { Scope } from '#core/access/scope.ts';
import { readSession } from '#core/access/session.ts';
import type { Read, UseCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { listCredentials } from '#core/credentials/list-credentials.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { listIssuers } from '#core/issuers/list-issuers.ts';
import { listApprovals } from '#core/rotation/list-approvals.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { changeRole } from '#core/users/change-role.ts';
import { changeScope } from '#core/users/change-scope.ts';
import { db } from '#lib/db.ts';
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

function actor(scope: Scope | undefined, role: Role = 'operator'): Actor {
  const stepUpAt = new Date(Date.now() + 86_400_000);
  const base = { kind: 'user' as const, id: randomUUID(), name: 'Ada', role, stepUpAt };
  return scope === undefined ? base : { ...base, scope };
}

const production: Scope = { environments: ['production'], labels: [] };
const payments: Scope = { environments: [], labels: ['payments'] };

interface Made {
  credentialId: string;
  rotationId: string;
}

/** A credential with a rotation that waits for approvals, and an event of each. */
async function make(issuerId: string, name: string, environment: string, labels: string[]): Promise<Made> {
  const { prisma } = db();
  const { id: credentialId } = await prisma.credential.create({
    data: { name, issuerId, place: {}, environment, labels },
  });
  const rotationId = randomUUID();
  await prisma.rotation.create({
    data: {
      id: rotationId,
      credentialId,
      strategy: 'overlap',
      phase: 'preflight',
      priority: 'manual',
      hold: 'approval_pending',
      requestedBy: { kind: 'user', id: null, name: 'Grace' },
      planDigest: 'd',
      graceSeconds: 60,
      predictedGapSeconds: 0,
    },
  });
  await record(prisma, {
    action: 'credential.created',
    actor: { kind: 'system', id: null, name: 'test' },
    credentialId,
    credential: name,
  });
  return { credentialId, rotationId };
}

let inside: Made;
let outside: Made;

beforeAll(async () => {
  const issuer = await db().prisma.issuer.create({ data: { name: 'Vendor', kind: 'assisted', config: {} } });
  inside = await make(issuer.id, 'billing', 'production', ['payments']);
  outside = await make(issuer.id, 'reports', 'staging', ['reporting']);
});

/** Whatever the use cases ask for beside the ids; each takes what it declares. */
const rest = {
  reason: 'to see',
  targetId: randomUUID(),
  policyId: randomUUID(),
  bindingId: randomUUID(),
  place: {},
  fields: { clientSecret: 'KEY' },
  digest: 'd',
  secret: 'pasted',
  seconds: 60,
  graceSeconds: 60,
  // What makes a credential names its environment.
  name: 'new',
  issuerId: randomUUID(),
};

const withIds = limited.filter(({ input }) => {
  const shape = input instanceof z.ZodObject ? Object.keys(input.shape) : [];
  return shape.includes('credentialId') || shape.includes('rotationId');
});

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
  const shape = declared.input instanceof z.ZodObject ? Object.keys(declared.input.shape) : [];
  const wish = {
    ...rest,
    ...outside,
    ...(shape.includes('rotationId') ? { credentialId: inside.credentialId } : {}),
  };
  await expect(declared(actor(production, role), wish as never)).rejects.toMatchObject({ code: 'not_found' });
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
  expect((await listCredentials(ada, {})).map(({ name }) => name)).toEqual(['billing']);
  expect((await listApprovals(ada, {})).map(({ rotationId }) => rotationId)).toEqual([inside.rotationId]);
  const { items } = await listAuditEvents(ada, {});
  expect(new Set(items.map(({ credentialId }) => credentialId))).toEqual(new Set([inside.credentialId]));
  expect((await listAuditEvents(ada, { q: 'action:credential.*' })).items).toHaveLength(1);
  expect((await listAuditEvents(ada, { before: items.at(-1)?.cursor })).items).toEqual([]);
  expect((await listAuditEvents(ada, { q: `credential:${outside.credentialId}` })).items).toEqual([]);
  expect((await listIssuers(ada, {}))[0]).toMatchObject({ credentials: 1 });
});

test('who has no limits sees all, and so does an actor whose lists are empty', async () => {
  for (const scope of [undefined, { environments: [], labels: [] }]) {
    expect(await listCredentials(actor(scope), {})).toHaveLength(2);
    expect((await listAuditEvents(actor(scope), { q: 'action:credential.created' })).items).toHaveLength(2);
  }
  expect(await listCredentials(system('test'), {})).toHaveLength(2);
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
