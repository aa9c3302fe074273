import { beforeAll, expect, test } from 'vitest';
import {
  type Checkpoint,
  checkpointHash,
  isSignedBy,
  NOTHING_BEFORE,
  publicKeyFrom,
} from '#core/audit/checkpoint.ts';
import { faultOfProof, type InclusionProof } from '#core/audit/inclusion.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { db } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { newId } from '#lib/new-id.ts';
import type { Caller } from '#tests/app/api/ask.ts';
import { ask, askRaw } from '#tests/app/api/ask.ts';
import { type LimitedWorld, limitedWorld } from '#tests/support/limited-world.ts';

const auditor: Caller = { id: newId(), role: 'auditor' };

let world: LimitedWorld;
let eventId: string;

beforeAll(async () => {
  world = await limitedWorld('billing', 'production', []);
  const { id } = await db().prisma.auditEvent.findFirstOrThrow({ where: { action: 'credential.created' } });
  eventId = String(id);
  await sealEvents();
});

test('an event is answered with the text that its leaf is of', async () => {
  const { status, body } = await ask('GET', `/audit-events/${eventId}`, { caller: auditor });
  expect({ status, credentialId: body.credentialId }).toEqual({
    status: 200,
    credentialId: world.credentialId,
  });
  expect(JSON.parse(String(body.text))).toEqual(body.body);
  expect((await ask('GET', '/audit-events/999999', { caller: auditor })).status).toBe(404);
  expect((await ask('GET', '/audit-events/1e3', { caller: auditor })).status).toBe(404);
});

test('the proof of an event holds without the database', async () => {
  const { body } = await ask('GET', `/audit-events/${eventId}/proof`, { caller: auditor });
  expect(faultOfProof(body as unknown as InclusionProof)).toBeNull();
});

test('the log is verified to its end, and the audit tells of it', async () => {
  const verify = () => ask('POST', '/audit-events/verify', { caller: auditor, body: {} });
  expect((await verify()).body).toMatchObject({ ok: true, firstBad: null, sealedThrough: { batch: 1 } });
  const told = { action: 'audit.verified' };
  expect(await db().prisma.auditEvent.count({ where: told })).toBe(1);
});

test('an export is a file of the media type that is asked for, and is told in the audit', async () => {
  for (const [format, type] of [
    ['jsonl', 'application/jsonl'],
    ['csv', 'text/csv'],
  ] as const) {
    const path = `/audit-events/export?format=${format}&q=action:credential.created`;
    const answer = await askRaw('GET', path, { caller: auditor, headers: { accept: type } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain(type);
    expect(await answer.text()).toContain(world.credentialId);
  }
  expect(await db().prisma.auditEvent.count({ where: { action: { startsWith: 'audit.export' } } })).toBe(4);
  const html = await ask('GET', '/audit-events/export', {
    caller: auditor,
    headers: { accept: 'text/html' },
  });
  expect(html.status).toBe(406);
});

test('an evidence bundle is a zip, of a rotation and of a credential; what is not there is a problem', async () => {
  for (const path of [
    `/rotations/${world.rotationId}/evidence`,
    `/credentials/${world.credentialId}/evidence`,
  ]) {
    const answer = await askRaw('GET', path, { caller: auditor });
    expect(answer.headers.get('content-type')).toBe('application/zip');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
  }
  const none = await ask('GET', `/rotations/${newId()}/evidence`, { caller: auditor });
  expect({ status: none.status, code: none.body.code }).toEqual({ status: 404, code: 'not_found' });
});

test('checkpoints are listed in their order, a page at a time, and each can be checked with what stands in it', async () => {
  for (let n = 0; n < 3; n += 1) {
    await ask('POST', '/audit-events/verify', { caller: auditor, body: {} });
    await sealEvents();
  }
  const listed: (Checkpoint & { publicKey: string })[] = [];
  let cursor: unknown = '';
  while (cursor !== null) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await ask('GET', `/audit-checkpoints?limit=2${query}`, { caller: auditor });
    listed.push(...(body.items as typeof listed));
    cursor = body.nextCursor;
  }
  expect(listed.map(({ n }) => n)).toEqual(
    Array.from({ length: await db().prisma.auditBatch.count() }, (_, n) => n + 1),
  );
  let previous = NOTHING_BEFORE;
  for (const { publicKey, ...checkpoint } of listed) {
    expect(isSignedBy(checkpoint, publicKeyFrom(Buffer.from(publicKey, 'hex')))).toBe(true);
    expect(checkpoint.previous).toBe(previous);
    previous = checkpointHash(checkpoint);
  }
  const { body } = await ask('GET', `/audit-checkpoints?after=${listed.length - 1}`, { caller: auditor });
  expect(body).toEqual({ items: [listed.at(-1)], nextCursor: null });
  expect((await ask('GET', '/audit-checkpoints?after=-1', { caller: auditor })).status).toBe(400);
});

test('audit events are listed a page at a time, of as many as `limit` says', async () => {
  const page = async (query: string) =>
    (await ask('GET', `/audit-events?${query}`, { caller: auditor })).body as {
      items: { id: string }[];
      nextCursor: string | null;
    };
  const all = (await page('')).items.map(({ id }) => id);
  const listed: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { items, nextCursor } = await page(`limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(items.length).toBe(nextCursor === null ? all.length - listed.length : 2);
    listed.push(...items.map(({ id }) => id));
    cursor = nextCursor;
  }
  expect(all.length).toBeGreaterThan(4);
  expect(listed).toEqual(all);
  expect((await ask('GET', '/audit-events?limit=101', { caller: auditor })).status).toBe(400);
});

test('collectors are listed with how far each one is', async () => {
  const list = async () => (await ask('GET', '/audit-collectors', { caller: auditor })).body;
  expect(await list()).toEqual({ items: [], nextCursor: null });
  const name = 'https://siem.test:443';
  env().REKEY_AUDIT_STREAM.push({ name, url: new URL(name), port: 443 });
  const behind = await db().prisma.auditLeaf.count();
  const since = expect.any(String);
  expect(await list()).toMatchObject({ items: [{ name, behind, since, sentAt: null, error: null }] });
  env().REKEY_AUDIT_STREAM.length = 0;
});
