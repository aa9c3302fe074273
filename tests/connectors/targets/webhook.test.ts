import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Entries } from '#connectors/contract.ts';
import { webhook } from '#connectors/targets/webhook.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';

const key = Buffer.from('0123456789abcdef0123456789abcdef');
const signingSecret = `whsec_${key.toString('base64')}`;
const entries: Entries = { B: new Plaintext('s3cret-b'), A: new Plaintext('s3cret "a"') };
const one: Entries = { A: new Plaintext('s3cret-a') };

const hmac = (text: string) => createHmac('sha256', key).update(text).digest('base64');
const proofOfBoth = hmac('version-1.{"A":"s3cret \\"a\\"","B":"s3cret-b"}');
const proofOfOne = hmac('version-1.s3cret-a');
const nextProofOfOne = hmac('next.version-1.s3cret-a');

/** Answers every request with the same, or each with the next of a list. */
function receiver(status: number, body: unknown, place: { name?: string } = {}) {
  const requests: HttpRequest[] = [];
  const http = {
    request: async (request: HttpRequest) => {
      requests.push(request);
      const said = Array.isArray(body) ? body[requests.length - 1] : body;
      return { status, headers: {}, text: typeof said === 'string' ? said : JSON.stringify(said) };
    },
  };
  const config = webhook.config.parse({ url: 'https://hooks.example/path-is-s3cret', signingSecret });
  return { ...callWith(config, place, { http }), requests };
}

const failure = (promise: Promise<unknown>) => failureOf(() => promise, /s3cret/);

test('a delivery is signed as Standard Webhooks has it and holds the version, slot and entries', async () => {
  const call = receiver(200, { versionId: 'version-1', proof: proofOfBoth });
  await webhook.deliver(call, entries, 'primary');
  const [request] = call.requests;
  const headers = request?.headers ?? {};
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${request?.body}`;
  expect(headers['webhook-signature']).toBe(`v1,${hmac(signed)}`);
  expect(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp']))).toBeLessThan(60);
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    type: 'secret.delivered',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    data: { versionId: 'version-1', slot: 'primary', entries: { A: 's3cret "a"', B: 's3cret-b' } },
  });
});

test('the id of a delivery is the same when it is sent again and differs by version, place and keys', async () => {
  const idOf = async (versionId: string, sent: Entries, place: { name?: string } = {}) => {
    const call = { ...receiver(503, '', place), versionId };
    await webhook.deliver(call, sent, 'primary').catch(() => undefined);
    return call.requests[0]?.headers?.['webhook-id'];
  };
  const first = await idOf('v1', entries);
  expect(first).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(await idOf('v1', entries)).toBe(first);
  expect(await idOf('v2', entries)).not.toBe(first);
  expect(await idOf('v1', entries, { name: 'other' })).not.toBe(first);
  expect(await idOf('v1', one)).not.toBe(first);
});

test('a delivery to the slot next has an id of its own, so that no receiver takes the primary one for seen', async () => {
  const call = receiver(200, [
    { slot: 'next', versionId: null, proof: null },
    { slot: 'next', versionId: 'version-1', proof: nextProofOfOne },
    { versionId: 'version-1', proof: proofOfOne },
  ]);
  await webhook.deliver(call, one, 'next');
  await webhook.deliver(call, one, 'primary');
  const ids = call.requests.map((request) => request.headers?.['webhook-id']);
  expect(new Set(ids).size).toBe(3);
});

test('one entry is proven by its own value, several by their canonical JSON', async () => {
  await webhook.deliver(receiver(200, { versionId: 'version-1', proof: proofOfOne }), one, 'primary');
  await webhook.deliver(receiver(200, { versionId: 'version-1', proof: proofOfBoth }), entries, 'primary');
});

test.each([
  [{ versionId: 'version-1', proof: proofOfOne }],
  [{ versionId: 'version-2', proof: proofOfBoth }],
  [{ versionId: 'version-1', proof: '' }],
  [{ versionId: null, proof: null }],
])('a delivery whose proof does not match is never: %j', async (answer) => {
  const error = await failure(webhook.deliver(receiver(200, answer), entries, 'primary'));
  expect(error.retry).toBe('never');
  expect(error.message).toMatch(/proof does not match/);
});

test('confirm is live for this version and these values, pending for any other', async () => {
  const confirmed = (answer: unknown) => webhook.confirm(receiver(200, answer), entries, 'primary');
  expect(await confirmed({ versionId: 'version-1', proof: proofOfBoth })).toBe('live');
  expect(await confirmed({ versionId: 'version-0', proof: proofOfBoth })).toBe('pending');
  expect(await confirmed({ versionId: 'version-1', proof: hmac('version-1.other') })).toBe('pending');
  expect(await confirmed({ versionId: null, proof: null })).toBe('pending');
});

test('confirm sends names of keys and no values', async () => {
  const call = receiver(200, { versionId: null, proof: null });
  await webhook.confirm(call, entries, 'primary');
  expect(JSON.parse(call.requests[0]?.body ?? '')).toMatchObject({
    type: 'secret.confirm',
    data: { versionId: 'version-1', slot: 'primary', keys: ['A', 'B'] },
  });
  expect(call.requests[0]?.body).not.toMatch(/s3cret/);
});

test('an answer without a proof is never and does not name the path, which may be a secret', async () => {
  const error = await failure(webhook.deliver(receiver(200, { versionId: 'version-1' }), entries, 'primary'));
  expect(error.retry).toBe('never');
  expect(error.message).toBe('The answer of the receiver has no field `proof`.');
});

test('a lost or late answer is later, because sending it again is harmless', async () => {
  for (const act of [
    () => webhook.deliver(receiver(503, ''), entries, 'primary'),
    () => webhook.confirm(receiver(502, ''), entries, 'primary'),
    () => webhook.check(receiver(500, '')),
  ]) {
    expect((await failure(act())).retry).toBe('later');
  }
});

test('check greets the receiver and wants 200', async () => {
  const call = receiver(200, '');
  await webhook.check(call);
  expect(JSON.parse(call.requests[0]?.body ?? '')).toMatchObject({ type: 'ping' });
  expect(await failure(webhook.check(receiver(401, '')))).toMatchObject({
    retry: 'never',
    because: 'permission',
  });
});

test('a weak or misspelt signing secret is not accepted as config', () => {
  const parse = (secret: string) =>
    webhook.config.safeParse({ url: 'https://a.example', signingSecret: secret }).success;
  expect(parse(signingSecret)).toBe(true);
  expect(parse(key.toString('base64'))).toBe(false);
  expect(parse('whsec_')).toBe(false);
  expect(parse(`whsec_${Buffer.alloc(23).toString('base64')}`)).toBe(false);
  expect(parse(`whsec_${Buffer.alloc(65).toString('base64')}`)).toBe(false);
  expect(parse('whsec_not base64 at all, but long enough')).toBe(false);
});

test('nothing is delivered or confirmed without a version', async () => {
  const call = { ...receiver(200, { versionId: 'version-1', proof: proofOfOne }), versionId: null };
  for (const slot of ['primary', 'next'] as const) {
    expect((await failure(webhook.deliver(call, one, slot))).retry).toBe('never');
    expect((await failure(webhook.confirm(call, one, slot))).retry).toBe('never');
  }
  expect(call.requests).toEqual([]);
});

test('a receiver that knows no slots is never sent a next value, which it would keep as the one in use', async () => {
  const call = receiver(200, { versionId: 'version-0', proof: proofOfOne });
  const error = await failure(webhook.deliver(call, one, 'next'));
  expect(error.retry).toBe('never');
  expect(error.message).toMatch(/holds no next value.*nothing was changed.*webhook-receiver\.mjs/);
  expect((await failure(webhook.confirm(call, one, 'next'))).retry).toBe('never');
  expect(call.requests.map((request) => JSON.parse(request.body ?? '').type)).toEqual([
    'secret.confirm',
    'secret.confirm',
  ]);
  expect(call.requests.map((request) => request.body).join()).not.toMatch(/s3cret/);
});

test('a proof of one slot does not answer for the other', async () => {
  const confirmed = (slot: 'primary' | 'next', proof: string) =>
    webhook.confirm(receiver(200, { slot, versionId: 'version-1', proof }), one, slot);
  expect(await confirmed('next', nextProofOfOne)).toBe('live');
  expect(await confirmed('next', proofOfOne)).toBe('pending');
  expect(await confirmed('primary', proofOfOne)).toBe('live');
  expect(await confirmed('primary', nextProofOfOne)).toBe('pending');
  const lying = receiver(200, { slot: 'next', versionId: 'version-1', proof: proofOfOne });
  expect((await failure(webhook.deliver(lying, one, 'next'))).message).toMatch(/proof does not match/);
});

test('a removal names keys and no values, and succeeds only where the receiver says that the slot is empty', async () => {
  const gone = receiver(200, { slot: 'next', versionId: null, proof: null });
  await webhook.remove?.({ ...gone, versionId: null }, ['B', 'A'], 'next');
  expect(JSON.parse(gone.requests[0]?.body ?? '')).toMatchObject({
    type: 'secret.removed',
    data: { slot: 'next', keys: ['A', 'B'] },
  });
  const removed = async (answer: unknown) => webhook.remove?.(receiver(200, answer), ['A'], 'next');
  const held = { slot: 'next', versionId: 'version-1', proof: nextProofOfOne };
  expect((await failure(removed(held))).message).toMatch(/still holds one/);
  for (const answer of [{}, { versionId: null, proof: null }, { slot: 'primary', versionId: null }]) {
    expect(await failure(removed(answer))).toMatchObject({ retry: 'never' });
  }
});
