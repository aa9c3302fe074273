import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Scope, system } from '#core/access/actor.ts';
import type { Read } from '#core/access/use-case.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { readApiClient } from '#core/clients/read-api-client.ts';
import { planImport } from '#core/credentials/plan-import.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { createView } from '#core/evidence/create-view.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { listViews } from '#core/evidence/list-views.ts';
import { readAuditEvent } from '#core/evidence/read-audit-event.ts';
import { readInclusionProof } from '#core/evidence/read-inclusion-proof.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { listRunning } from '#core/rotation/list-running.ts';
import { readTrends } from '#core/rotation/read-trends.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import {
  type LimitedWorld,
  limitedActor,
  limitedWorld,
  payments,
  production,
  sharedParts,
} from '#tests/support/limited-world.ts';

const isRead = (value: unknown): value is Read =>
  typeof value === 'function' && 'effect' in value && value.effect === 'read' && 'may' in value;

const files = fs
  .readdirSync('core', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'));
const modules = await Promise.all(files.map((file) => import(path.resolve('core', file))));
const reads = modules.flatMap((module) => Object.values(module as object)).filter(isRead);

/** An API client that is rotated as a credential which is outside of the limits. */
async function outerClient(): Promise<{ clientId: string }> {
  const { prisma } = db();
  const { id: clientId } = await createApiClient(system('test'), { name: 'A pipeline', role: 'viewer' });
  const { id: issuerId } = await prisma.issuer.create({
    data: { name: 'Rekey', kind: 'builtin', config: {} },
  });
  const data = {
    name: 'outer client',
    issuerId,
    place: { clientId },
    environment: 'outer',
    labels: ['outer'],
  };
  await prisma.credential.create({ data });
  return { clientId };
}

const makeParts = async () => ({ ...(await sharedParts()), ...(await outerClient()) });

type Parts = Awaited<ReturnType<typeof makeParts>>;

/** What each read is asked that names no credential. Those that take an id of one are tried in scope.db.test.ts. */
const questions: Record<string, (parts: Parts) => object> = {
  'count-newer-events': () => ({ after: '0-0' }),
  'find-by-name': () => ({ q: 'r' }),
  'list-approvals': () => ({}),
  'list-audit-events': () => ({}),
  'list-batches': () => ({}),
  'list-break-glass': () => ({}),
  'list-bindings': ({ targetId }) => ({ targetId }),
  'list-choices': () => ({}),
  'list-environments': () => ({}),
  'list-issuers': () => ({}),
  'list-policies': () => ({}),
  'list-rotations': () => ({}),
  'list-running': () => ({}),
  'list-targets': () => ({}),
  'list-upcoming': () => ({
    from: new Date().toISOString(),
    to: new Date(Date.now() + 3 * 86_400_000).toISOString(),
  }),
  'list-views': () => ({}),
  'match-credentials': () => ({}),
  'read-api-client': (parts) => parts,
  'read-issuer': (parts) => parts,
  'read-overview': () => ({}),
  'read-policy': (parts) => parts,
  'read-target': (parts) => parts,
  'read-trends': () => ({}),
  'search-credentials': () => ({}),
};

/** They tell of nothing that is of a credential; of a message, only which kind of event it is about. */
const aboutNone = [
  'list-api-clients',
  'list-audit-checkpoints',
  'list-collector-states',
  'list-issuer-kinds',
  'list-notifier-kinds',
  'list-notifiers',
  'list-target-kinds',
  'list-users',
  'list-webhook-endpoints',
  'list-webhook-messages',
  'preview-slots',
  'read-notifier',
  'read-second-factor-rule',
  'read-standstill',
  'read-webhook-endpoint',
];

/** They name an event, or a file, and are tried below. */
const aboutOthers = ['plan-import', 'read-audit-event', 'read-inclusion-proof'];

/** It asks an issuer, and is tried in browse-issuer.db.test.ts. */
const askOutside = ['browse-issuer'];

let inside: LimitedWorld;
let outside: LimitedWorld;
let parts: Parts;

beforeAll(async () => {
  inside = await limitedWorld('billing-r', 'production', ['payments']);
  outside = await limitedWorld('outer-r', 'outer', ['outer']);
  parts = await makeParts();
  const ada = limitedActor(undefined);
  await createView(ada, { name: 'Mine', query: `credential:billing-r credential:${inside.credentialId}` });
  await createView(ada, { name: 'Theirs', query: 'credential:outer-r' });
  await createView(ada, { name: 'Their place', query: 'environment:outer' });
  await sealEvents();
});

/** The role in which a read is tried: of those that can be limited, the one that may do most. */
const roleOf = ({ may }: Read) =>
  may.includes('operator') ? 'operator' : may.find((role) => role !== 'admin');

const limitable = reads.filter((declared) => roleOf(declared) !== undefined && declared.scope !== 'own');

test('every read that somebody limited may is tried with limits, here or by an id', () => {
  const ids = ['credentialId', 'rotationId', 'bindingId', 'findingId', 'batchId', 'credentialIds'];
  const elsewhere = [...aboutNone, ...aboutOthers, ...askOutside];
  const left = limitable.filter(({ name, input }) => {
    const shape: Record<string, { safeParse: (value: undefined) => { success: boolean } }> =
      'shape' in input ? (input.shape as never) : {};
    const isTriedById = ids.some((id) => shape[id]?.safeParse(undefined).success === false);
    return !isTriedById && !(name in questions) && !elsewhere.includes(name);
  });
  expect(left.map(({ name }) => name)).toEqual([]);
});

const asked = limitable.filter(({ name }) => name in questions);

async function answerOf(declared: Read, scope: Scope | undefined): Promise<string> {
  const actor = limitedActor(scope, roleOf(declared));
  return JSON.stringify(await declared(actor, questions[declared.name]?.(parts) as never));
}

test.each(asked.map((declared) => [declared.name, declared] as const))(
  '%s tells whoever is limited of nothing that is outside',
  async (_name, declared) => {
    const all = await answerOf(declared, undefined);
    for (const scope of [production, payments]) {
      const told = await answerOf(declared, scope);
      for (const word of ['outer', ...Object.values(outside).flat()]) {
        expect(told).not.toContain(word);
      }
      // The same question answers more to somebody without limits, so the question is one that could have told.
      expect(told).not.toEqual(all);
    }
  },
);

/** As if a credential had been rotated once; answers how to take that back. */
async function rotateOnce(credentialId: string): Promise<() => Promise<unknown>> {
  const version = { state: 'current', sealed: 'sealed', fingerprint: 'f'.repeat(64) };
  const { id } = await db().prisma.secretVersion.create({
    data: { id: newId(), credentialId, n: 2, ...version },
  });
  return () => db().prisma.secretVersion.delete({ where: { id } });
}

test('counters count what is within the limits, and nothing beside it', async () => {
  for (const scope of [production, payments]) {
    const ada = limitedActor(scope);
    expect(await listRunning(ada, {})).toMatchObject({
      open: 1,
      held: 1,
      items: [{ id: inside.rotationId }],
    });
    const { system } = await readOverview(ada, {});
    expect(system.has).toMatchObject({ credentials: 1, bindings: 1 });
    const { weeks } = await readTrends(ada, {});
    expect(weeks.reduce((sum, { ended }) => sum + ended, 0)).toBe(1);
  }
  expect(
    (await readOverview(limitedActor(production), { environment: 'outer' })).system.has.credentials,
  ).toBe(0);
});

test('whether anything was rotated is said of what is within the limits', async () => {
  const rotated = async () => (await readOverview(limitedActor(production), {})).system.has.rotated;
  const undoOutside = await rotateOnce(outside.credentialId);
  expect(await rotated()).toBe(false);
  const undoInside = await rotateOnce(inside.credentialId);
  expect(await rotated()).toBe(true);
  await Promise.all([undoOutside(), undoInside()]);
});

async function eventOf(credentialId: string): Promise<string> {
  const where = { credentialId, action: 'credential.created' };
  const { id } = await db().prisma.auditEvent.findFirstOrThrow({ where });
  return String(id);
}

test('an event of a credential outside of the limits does not exist, and neither does its proof', async () => {
  const [mine, theirs] = [await eventOf(inside.credentialId), await eventOf(outside.credentialId)];
  for (const scope of [production, payments]) {
    const ada = limitedActor(scope);
    await expect(readAuditEvent(ada, { id: theirs })).rejects.toMatchObject({ status: 404 });
    await expect(readInclusionProof(ada, { eventId: theirs })).rejects.toMatchObject({ status: 404 });
    const found = await readAuditEvent(ada, { id: mine });
    expect([found.previous, found.next]).toEqual([null, null]);
    expect(await readInclusionProof(ada, { eventId: mine })).toMatchObject({ eventId: mine });
  }
  const all = await readAuditEvent(limitedActor(undefined), { id: mine });
  expect(all.next).toBe(theirs);
  expect(await readInclusionProof(limitedActor(undefined), { eventId: theirs })).toMatchObject({
    eventId: theirs,
  });
});

test('an API client is told without the credential as which it is rotated, where that is outside of the limits', async () => {
  const { clientId } = parts;
  expect(await readApiClient(limitedActor(undefined, 'auditor'), { clientId })).toMatchObject({
    credential: 'outer client',
  });
  for (const scope of [production, payments]) {
    expect(await readApiClient(limitedActor(scope, 'auditor'), { clientId })).toMatchObject({
      id: clientId,
      credentialId: null,
      credential: null,
    });
  }
});

test('a question cannot tell a name outside of the limits from one that there is not', async () => {
  const ada = limitedActor(production);
  const { unknown, items } = await listAuditEvents(ada, { q: 'credential:outer-r credential:nobody' });
  expect({ unknown, items }).toEqual({ unknown: ['outer-r', 'nobody'], items: [] });
});

test('a saved view that names a credential or an environment outside of the limits is left out', async () => {
  expect((await listViews(limitedActor(payments), {})).map(({ name }) => name)).toEqual(['Mine']);
  expect(await listViews(limitedActor(undefined), {})).toHaveLength(3);
});

test('a saved filter of credentials is left out where one of its words is of none within the limits', async () => {
  const all = limitedActor(undefined);
  const list = 'credentials';
  const within = [
    'environment=production',
    'label=payments',
    'owner=owner+of+billing-r',
    'q=BILLING',
    'state=paused',
  ];
  const beside = [
    'environment=outer',
    'label=outer',
    'owner=owner+of+outer-r',
    'q=outer-r',
    'q=BILLING&label=outer',
  ];
  for (const query of [...within, ...beside]) {
    await createView(all, { list, name: query, query: `${query}&issuer=${parts.issuerId}` });
  }
  for (const scope of [production, payments]) {
    expect((await listViews(limitedActor(scope), { list })).map(({ name }) => name)).toEqual(within);
  }
  expect(await listViews(all, { list })).toHaveLength(within.length + beside.length);
});

test('what a file would import is refused to whoever is limited, because it tells which names are taken', async () => {
  const mappings = [{ source: 'a.map', text: 'x' }];
  const wish = { file: 'a.env', format: 'dotenv' as const, values: 'A=1', mappings };
  await expect(planImport(limitedActor(production), wish)).rejects.toMatchObject({ code: 'out_of_scope' });
});
