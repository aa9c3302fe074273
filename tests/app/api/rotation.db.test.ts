import fs from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatch } from '#app/_doors/api/dispatch.ts';
import { drawDocument } from '#app/_doors/api/openapi.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { apiActor } from '#app/_doors/api-actor.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { makeClient } from '#tests/app/api/client.ts';
import { accessToken, makeApiClient } from '#tests/support/api-clients.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let authorization: string;

/** Everything in this file goes through the dispatcher with a real token, by what the document says. */
const send = (path: string, { headers, ...init }: RequestInit) =>
  dispatch(
    { routes, actorOf: apiActor },
    new Request(`http://localhost:3000/api/v1${path}`, { ...init, headers: { ...headers, authorization } }),
  );
const call = makeClient(drawDocument(routes, 'http://localhost:3000'), send);

beforeAll(async () => {
  sample = await startSample();
  const { id } = await makeApiClient('admin');
  authorization = `Bearer ${await accessToken({ clientId: id })}`;
});
afterAll(() => sample.close());

const nowhere = { 'Idempotency-Key': newId() };
const clock = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const ended = (row: { outcome: string | null; hold: string | null }) =>
  row.outcome !== null || row.hold !== null;

test('a pipeline moves a credential in, binds it and rotates it, by the document alone', async () => {
  const kinds = await call('listIssuerKinds');
  expect(JSON.stringify(kinds.body)).toContain('"surfacescout"');
  const { surfacescout: baseUrl, adminToken, folder } = sample.places;
  const issuer = await call('addIssuer', {
    body: { name: 'Scout', kind: 'surfacescout', config: { baseUrl, adminToken } },
  });
  expect(issuer.status).toBe(201);
  expect(JSON.stringify(issuer.body)).not.toContain(adminToken);
  const first = await fetch(`${baseUrl}/admin/clients/two-slots/first-secret`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const { clientSecret } = (await first.json()) as { clientSecret: string };
  const credential = await call('importCredential', {
    body: {
      name: 'two-slots',
      issuerId: issuer.body.id,
      place: { clientId: 'two-slots' },
      environment: 'production',
      fields: { clientId: 'two-slots', clientSecret },
    },
  });
  expect(credential.status).toBe(201);
  const path = { credentialId: String(credential.body.id) };
  const { body: targets } = await call('listTargets');
  const [target] = (targets.items as { id: string; kind: string }[]).filter(({ kind }) => kind === 'dotenv');
  fs.mkdirSync(`${folder}/two-slots`);
  const binding = await call('bindTarget', {
    body: {
      credentialId: path.credentialId,
      targetId: target?.id,
      place: { path: `${folder}/two-slots/.env` },
      fields: { clientSecret: 'TWO_SLOTS_SECRET' },
    },
  });
  expect(binding.status).toBe(201);

  const plan = await call('planRotation', { path, body: { gracePeriod: 'PT1H' } });
  expect(plan.body).toMatchObject({ strategy: 'overlap', gracePeriod: 'PT1H' });
  const requested = await call('requestRotation', { path, body: { gracePeriod: 'PT1H' }, headers: nowhere });
  expect(requested.status).toBe(202);
  const rotation = { rotationId: String(requested.body.id) };
  expect(requested.headers.get('location')).toBe(`/api/v1/rotations/${rotation.rotationId}`);
  await advanceUntil(rotation.rotationId, (row) => row.phase === 'overlap');
  expect((await call('readRotation', { path: rotation })).body).toMatchObject({
    phase: 'overlap',
    hold: null,
    gracePeriod: 'PT1H',
  });
  const { body: standing } = await call('readRotation', { path: rotation });
  expect(standing.standing).toBe('v2 is current; v1 still works.');
  const actions = standing.actions as { action: string; refusal: string | null; does: string | null }[];
  const found = (name: string) => actions.find(({ action }) => action === name);
  const last = ['roll_back', 'revoke_now', 'break_glass', 'abandon'];
  expect(actions.slice(-4).map(({ action }) => action)).toEqual(last);
  // The same sentences as in the console, before it asks.
  expect(found('revoke_now')).toMatchObject({
    refusal: null,
    does: expect.stringContaining('v1 is retired'),
  });
  expect(found('break_glass')).toMatchObject({
    refusal: expect.stringContaining('every required'),
    does: null,
  });
  expect(found('cancel')).toMatchObject({ refusal: expect.stringContaining('roll it back'), does: null });
  const extended = await call('extendOverlap', { path: rotation, body: { duration: 'PT2H' } });
  expect(extended.status).toBe(200);
  const hastened = await call('revokeNow', { path: rotation, body: { reason: 'all is well' } });
  expect(hastened.status).toBe(200);
  await advanceUntil(rotation.rotationId, ended);
  const { body: completed } = await call('readRotation', { path: rotation });
  expect(completed).toMatchObject({ outcome: 'completed', standing: 'v2 is current; v1 is retired.' });
  expect(completed.actions).toContainEqual(
    expect.objectContaining({ action: 'break_glass', refusal: 'The rotation has ended.' }),
  );
  const { body: after } = await call('readCredential', { path });
  expect(after.versions).toMatchObject([
    { n: 2, state: 'current' },
    { n: 1, state: 'revoked' },
  ]);
  const ownerOf = await call('findSecret', { body: { text: clientSecret } });
  expect(ownerOf.body.items).toMatchObject([{ credential: 'two-slots', version: 1, live: 'dead' }]);
});

test('the same request while a rotation is open answers that one; a different one is refused and names it', async () => {
  const path = { credentialId: await sample.credentialId('fleet-api') };
  const first = await call('requestRotation', { path, body: { gracePeriod: 'P1D' } });
  const same = await call('requestRotation', { path, body: { gracePeriod: 'PT24H' } });
  expect({ status: same.status, id: same.body.id }).toEqual({ status: 202, id: first.body.id });
  expect(first.headers.get('rekey-existing')).toBeNull();
  expect(same.headers.get('rekey-existing')).toBe('true');
  const other = await call('requestRotation', { path, body: { gracePeriod: 'P2D' } });
  expect(other.status).toBe(409);
  expect(other.body).toMatchObject({ code: 'rotation_open', rotationId: first.body.id });
  const { body: open } = await call('listRotations', { query: { open: 'true', limit: '1' } });
  expect(open.items).toMatchObject([{ id: first.body.id }]);
  const held = await call('holdRotation', { path: { rotationId: String(first.body.id) }, body: {} });
  expect(held.body).toMatchObject({ hold: { reason: 'manual_hold', actions: ['resume', 'cancel'] } });
  expect(held.body.actions).toContainEqual({
    action: 'resume',
    refusal: null,
    does: 'It goes on from where it stands, with the attempts counted anew.',
    undo: null,
  });
  const ids = async (query: Record<string, string>) =>
    ((await call('listRotations', { query })).body.items as { id: string }[]).map(({ id }) => id);
  expect(await ids({ state: 'held', q: 'fleet', environment: 'production' })).toEqual([first.body.id]);
  expect(await ids({ state: 'running', q: 'fleet' })).toEqual([]);
  expect(await ids({ state: 'held', environment: 'staging' })).toEqual([]);
  const cancelled = await call('cancelRotation', {
    path: { rotationId: String(first.body.id) },
    body: { reason: 'a test' },
  });
  expect(cancelled.body).toMatchObject({ outcome: 'cancelled', hold: null });
});

test('an assisted rotation is finished by a program that has the new secret, and nothing of it is kept or told', async () => {
  const path = { credentialId: await sample.credentialId('partner-portal') };
  const { body } = await call('requestRotation', { path, body: {} });
  const rotation = { rotationId: String(body.id) };
  await advanceUntil(rotation.rotationId, (row) => row.phase === 'await_secret');
  const secret = await sample.rotateOnVendorsPage('partner-portal');
  const key = { 'Idempotency-Key': newId() };
  const given = await call('submitSecret', { path: rotation, body: { secret }, headers: key });
  expect(given.status).toBe(200);
  const again = await call('submitSecret', { path: rotation, body: { secret }, headers: key });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(JSON.stringify([given.body, again.body])).not.toContain(secret);
  await advanceUntil(rotation.rotationId, ended, () => clock('10 seconds'));
  expect((await call('readRotation', { path: rotation })).body).toMatchObject({ outcome: 'completed' });
  expect(sample.secretInFile('partner-portal')).toBe(secret);
  const rows = await db().prisma.idempotencyKey.findMany();
  expect(
    JSON.stringify(rows, (_name, value) => (typeof value === 'bigint' ? String(value) : value)),
  ).not.toContain(secret);
});

test('a secret for a rotation that does not exist is refused as such', async () => {
  const given = await call('submitSecret', { path: { rotationId: newId() }, body: { secret: 'x' } });
  expect({ status: given.status, code: given.body.code }).toEqual({ status: 404, code: 'not_found' });
});

test('an API client is no person, and approves nothing', async () => {
  const path = { credentialId: await sample.credentialId('survey-importer') };
  const policy = await call('createPolicy', {
    body: { name: 'approved', rhythm: { interval: 'P90D' }, gracePeriod: 'P1D' },
  });
  await db().prisma.policy.update({ where: { id: String(policy.body.id) }, data: { approvals: 1 } });
  await call('assignPolicy', { path, body: { policyId: policy.body.id } });
  const { body } = await call('requestRotation', { path, body: {} });
  const rotation = { rotationId: String(body.id) };
  expect((await call('listApprovals')).body.items).toMatchObject([rotation]);
  const approval = await call('readApproval', { path: rotation });
  const { digest } = approval.body.plan as { digest: string };
  const approved = await call('approveRotation', { path: rotation, body: { digest } });
  expect(approved.status).toBe(409);
  expect(approved.body.detail).toContain('person');
  expect((await call('unassignPolicy', { path })).status).toBe(204);
});

test('the stream of a rotation sends its state, each change, and ends with the outcome', async () => {
  const path = { credentialId: await sample.credentialId('report-builder') };
  const { body } = await call('requestRotation', { path, body: {} });
  const rotationId = String(body.id);
  const stream = await send(`/rotations/${rotationId}/events`, { headers: { accept: 'text/event-stream' } });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const text = stream.text();
  await call('cancelRotation', { path: { rotationId }, body: {} });
  const frames = (await text).split('\n\n').filter((frame) => frame.startsWith('id: '));
  const states = frames.map((frame) => JSON.parse(frame.split('\ndata: ')[1] ?? ''));
  expect(states.at(-1)).toMatchObject({ id: rotationId, outcome: 'cancelled' });
  const last = /^id: (.*)$/m.exec(frames.at(-1) ?? '')?.[1] ?? '';
  const rest = await send(`/rotations/${rotationId}/events`, {
    headers: { accept: 'text/event-stream', 'last-event-id': last },
  });
  expect(await rest.text()).toBe('retry: 1000\n\n');
  const none = await send(`/rotations/${newId()}/events`, { headers: { accept: 'text/event-stream' } });
  expect(none.status).toBe(404);
});

test('a token that is older than five minutes does not do what takes a fresh one', async () => {
  const client = await makeApiClient('admin');
  const issuedAt = Math.floor(Date.now() / 1000) - 400;
  const old = `Bearer ${await accessToken({ clientId: client.id, issuedAt })}`;
  const answer = await dispatch(
    { routes, actorOf: apiActor },
    new Request(`http://localhost:3000/api/v1/rotations/${newId()}/revoke-now`, {
      method: 'POST',
      headers: { authorization: old, 'content-type': 'application/json' },
      body: '{}',
    }),
  );
  expect(await answer.json()).toMatchObject({ status: 403, code: 'step_up_required' });
});

test('what happened is in the audit events, each page once, with the request that did it', async () => {
  const seen: string[] = [];
  let cursor: unknown = null;
  do {
    const query: Record<string, string> = {
      q: 'action:rotation.*',
      ...(cursor === null ? {} : { cursor: String(cursor) }),
    };
    const { body } = await call('listAuditEvents', { query });
    seen.push(...(body.items as { id: string }[]).map(({ id }) => id));
    cursor = body.nextCursor;
  } while (cursor !== null);
  expect(seen.length).toBeGreaterThan(10);
  expect(seen).toEqual([...new Set(seen)]);
  const { body } = await call('listAuditEvents', { query: { q: 'action:rotation.requested' } });
  for (const event of body.items as { body: { requestId?: string } }[]) {
    expect(event.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('a cookie of the console is no token', async () => {
  const answer = await dispatch(
    { routes, actorOf: apiActor },
    new Request('http://localhost:3000/api/v1/credentials', {
      headers: { cookie: 'rekey-session=whatever' },
    }),
  );
  expect(answer.status).toBe(401);
});
