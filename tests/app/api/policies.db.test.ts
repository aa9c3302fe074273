import { beforeAll, expect, test } from 'vitest';
import { db } from '#lib/db.ts';
import { ask } from '#tests/app/api/ask.ts';
import { type LimitedWorld, limitedWorld } from '#tests/support/limited-world.ts';
import { makeUser } from '#tests/support/users.ts';

const whole = {
  name: 'Monthly',
  rhythm: { interval: 'P30D' },
  gracePeriod: 'P1D',
  approvals: 0,
  window: null,
  blackouts: [],
  jitter: 'PT1H',
  minSpacing: 'PT10M',
  maxAge: 'P60D',
  ageBringsForward: true,
  renewBefore: 'P7D',
  needs: 'read_back',
  retryAttempts: 3,
  retryFor: 'PT5M',
  notifierIds: [],
};

let world: LimitedWorld;
let policyId: string;

beforeAll(async () => {
  world = await limitedWorld('billing', 'production', []);
  const { status, body } = await ask('POST', '/policies', { body: whole });
  expect(status).toBe(201);
  policyId = String(body.id);
});

const columns = async () => {
  const {
    name: _name,
    version: _version,
    ...row
  } = await db().prisma.policy.findUniqueOrThrow({
    where: { id: policyId },
  });
  return row;
};

test('a policy that is read and put back with another name keeps everything else', async () => {
  const before = await columns();
  expect(before).toMatchObject({
    minSpacingSeconds: 600,
    maxAgeSeconds: 5_184_000,
    renewBeforeSeconds: 604_800,
    needs: 'read_back',
    retryAttempts: 3,
    retrySeconds: 300,
  });
  const { body } = await ask('GET', `/policies/${policyId}`);
  expect(body).toMatchObject({ ...whole, enabled: true, credentials: 0 });
  const { id: _id, enabled: _enabled, credentials: _credentials, ...wish } = body;
  const put = await ask('PUT', `/policies/${policyId}`, { body: { ...wish, name: 'Thirty days' } });
  expect(put).toMatchObject({ status: 200, body: { ...whole, name: 'Thirty days' } });
  expect(await columns()).toEqual(before);
});

test.each([
  [{ gracePeriod: 'P100D' }, { gracePeriod: 'It is at most 90 days.' }],
  [{ jitter: 'P10D' }, { jitter: 'It is at most one day.' }],
  [{ rhythm: { interval: 'PT1S' } }, { 'rhythm.interval': 'An interval is at least one minute.' }],
  [{ retryFor: 'P9D' }, { retryFor: 'It is at most one hour: after that a person is needed.' }],
  [{ gracePeriud: 'P1D' }, { gracePeriud: 'There is no such field.' }],
  [{ rhythm: { cron: '0 3 * * *' } }, { 'rhythm.timeZone': 'It is missing.' }],
])('a fault is told by the name that the request had: %j', async (change, fields) => {
  const { status, body } = await ask('POST', '/policies', { body: { ...whole, name: 'Faulty', ...change } });
  const [[field, sentence] = []] = Object.entries(fields);
  expect({ status, fields: body.fields, detail: body.detail }).toEqual({
    status: 400,
    fields,
    detail: `${field}: ${sentence} Nothing was changed.`,
  });
});

test('a policy is switched off and on again, with a first run at a time that is named', async () => {
  const path = `/credentials/${world.credentialId}/policy`;
  const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 86_400_000).toISOString();
  const put = await ask('PUT', path, { body: { policyId, first: { at } } });
  expect(put.body.policy).toMatchObject({ id: policyId, nextRotationAt: at });
  const off = await ask('POST', `/policies/${policyId}/disable`, { body: {} });
  expect(off.body).toMatchObject({ enabled: false, credentials: 1 });
  const on = await ask('POST', `/policies/${policyId}/enable`, { body: { first: { at } } });
  expect(on.body).toMatchObject({ enabled: true, credentials: 1 });
});

test('the next rotation of a credential is moved, and the calendar has it there', async () => {
  await ask('PUT', `/credentials/${world.credentialId}/policy`, { body: { policyId } });
  const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2 * 86_400_000).toISOString();
  const moved = await ask('POST', `/credentials/${world.credentialId}/next-run`, { body: { at } });
  expect(moved).toMatchObject({ status: 200, body: { policy: { nextRotationAt: at } } });
  const from = new Date().toISOString();
  const to = new Date(Date.now() + 3 * 86_400_000).toISOString();
  const { body } = await ask('GET', `/calendar?from=${from}&to=${to}`);
  expect(body.runs).toMatchObject([
    { credentialId: world.credentialId, at, movedBy: 'hand', gracePeriod: 'P1D' },
  ]);
  expect((await ask('GET', '/calendar')).status).toBe(400);
});

test('a policy is taken away only from as many credentials as were told', async () => {
  const gone = (credentials: number) => ask('DELETE', `/policies/${policyId}?credentials=${credentials}`);
  expect(await gone(0)).toMatchObject({ status: 409, body: { code: 'others_now' } });
  expect((await gone(1)).status).toBe(204);
  expect((await ask('GET', `/policies/${policyId}`)).status).toBe(404);
});

test('what a comparison found is listed with its credential, and left as it is with a reason', async () => {
  const findings = async () => (await ask('GET', `/credentials/${world.credentialId}`)).body.findings;
  expect(await findings()).toMatchObject([{ id: world.findingId, ignored: null }]);
  const path = `/findings/${world.findingId}/ignore`;
  expect((await ask('POST', path, { body: { reason: 'known' } })).status).toBe(204);
  expect(await findings()).toMatchObject([{ ignored: { reason: 'known' } }]);
  expect(await ask('POST', path, { body: { reason: 'known' } })).toMatchObject({ status: 409 });
});

test('users are listed, limited and given another role; no answer holds more than the list', async () => {
  // Somebody has to be left who can look after everything.
  await makeUser('admin');
  const { id, email } = await makeUser('operator');
  const limits = { environments: ['production'], labels: [] };
  const limited = await ask('POST', `/users/${id}/scope`, { body: limits });
  expect(limited).toMatchObject({ status: 200, body: { id, email, ...limits } });
  const viewer = await ask('POST', `/users/${id}/role`, { body: { role: 'viewer' } });
  expect(viewer.body).toMatchObject({ role: 'viewer' });
  expect((await ask('POST', `/users/${id}/disable`, { body: {} })).body).toMatchObject({ state: 'disabled' });
  expect((await ask('POST', `/users/${id}/enable`, { body: {} })).body.state).not.toBe('disabled');
  expect(JSON.stringify((await ask('GET', '/users')).body)).not.toMatch(/hash|password|seed/i);
  expect((await ask('GET', '/sessions')).status).toBe(200);
});
