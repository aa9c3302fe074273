import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { changeWebhookEndpoint } from '#core/webhooks/change-webhook-endpoint.ts';
import { createWebhookEndpoint } from '#core/webhooks/create-webhook-endpoint.ts';
import { disableWebhookEndpoint } from '#core/webhooks/disable-webhook-endpoint.ts';
import { enableWebhookEndpoint } from '#core/webhooks/enable-webhook-endpoint.ts';
import { forgetOldMessages } from '#core/webhooks/forget-old-messages.ts';
import { gatherMessages } from '#core/webhooks/gather-messages.ts';
import { listWebhookEndpoints } from '#core/webhooks/list-webhook-endpoints.ts';
import { listWebhookMessages } from '#core/webhooks/list-webhook-messages.ts';
import { readWebhookEndpoint } from '#core/webhooks/read-webhook-endpoint.ts';
import { removeWebhookEndpoint } from '#core/webhooks/remove-webhook-endpoint.ts';
import { tryWebhookEndpoint } from '#core/webhooks/try-webhook-endpoint.ts';
import { db } from '#lib/db.ts';
import {
  actor,
  addEndpoint,
  happen,
  later,
  namesOf,
  type Receiver,
  startReceiver,
  sweep,
  verified,
} from '#tests/core/webhooks/receiver.ts';
import { auditBodies } from '#tests/support/users.ts';

let receiver: Receiver;
let endpoint: { id: string; secret: string };

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

beforeEach(async () => {
  for (const { id } of await listWebhookEndpoints(actor, {})) {
    await removeWebhookEndpoint(actor, { endpointId: id });
  }
  endpoint = await addEndpoint('receiver', receiver.url);
  receiver.answer = () => 204;
  receiver.headers = {};
  receiver.received.length = 0;
});

const messages = () => listWebhookMessages(actor, { endpointId: endpoint.id });
const read = () => readWebhookEndpoint(actor, { endpointId: endpoint.id });

test('an event is sent signed, so that the published library of Standard Webhooks verifies it, and without the address of a browser', async () => {
  await happen('first');
  await sweep();
  const [message] = receiver.received;
  if (message === undefined) throw new Error('Nothing was received.');
  expect(message.id).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(verified(endpoint.secret, message)).toMatchObject({
    type: 'view.created',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    data: { seq: expect.any(Number), actor: { kind: 'user', name: 'Ada' }, name: 'first' },
  });
  expect(message.text).not.toContain('192.0.2.7');
  expect(() => verified(endpoint.secret, { ...message, text: `${message.text} ` })).toThrow();
  expect(await messages()).toMatchObject([
    { state: 'sent', attempts: 1, status: 204, webhookId: message.id },
  ]);
});

test('an endpoint is sent the events that it names and no others, in the order of the sealed log, each once', async () => {
  await sealEvents();
  const all = await addEndpoint('all', receiver.url, ['view.removed', 'webhook_endpoint.*']);
  for (let n = 1; n <= 5; n += 1) await happen(`event ${n}`, n === 3 ? 'view.removed' : 'view.created');
  await sweep();
  await sweep();
  const of = (id: string) => listWebhookMessages(actor, { endpointId: id });
  const sent = (await of(endpoint.id)).map(({ webhookId }) => webhookId).reverse();
  expect(sent).toHaveLength(5);
  const arrived = receiver.received.filter(({ id, type }) => sent.includes(id) && type !== 'view.removed');
  expect(namesOf(arrived)).toEqual(['event 1', 'event 2', 'event 4', 'event 5']);
  const seqs = arrived.map(({ data }) => Number(data.seq));
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect((await of(all.id)).map(({ action }) => action)).toEqual([
    'view.removed',
    'webhook_endpoint.created',
  ]);
  expect(receiver.received).toHaveLength(7);
});

test('an event whose transaction commits after later events were sent is sent too', async () => {
  const late = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await late.connect();
  onTestFinished(() => late.end());
  await late.query('begin');
  await late.query(`select record_event('{"action": "view.created", "outcome": "success", "name": "late", "query": "",
    "id": "00000000-0000-4000-8000-000000000001", "actor": {"kind": "user", "id": "u1", "name": "Ada"}}')`);
  await happen('early');
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['early']);
  await late.query('commit');
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['early', 'late']);
});

test('several workers that sweep at the same time make each message once and send it once', async () => {
  for (let n = 0; n < 10; n += 1) await happen(`event ${n}`);
  await sealEvents();
  await Promise.all([1, 2, 3, 4].map(gatherMessages));
  await Promise.all([1, 2, 3, 4].map(sweep));
  expect(namesOf(receiver.received)).toEqual(Array.from({ length: 10 }, (_, n) => `event ${n}`));
});

test('a message that fails is sent again with the same id, later each time, and given up after the tenth attempt', async () => {
  receiver.answer = () => 400;
  await happen('refused');
  await sweep();
  const waits: number[] = [];
  for (;;) {
    const [line] = await messages();
    if (line?.nextAt == null || line.attemptedAt === null) break;
    waits.push((Date.parse(line.nextAt) - Date.parse(line.attemptedAt)) / 1000);
    expect(line).toMatchObject({ state: 'waiting', attempts: waits.length, status: 400 });
    await later(`${Math.ceil(waits.at(-1) ?? 0) + 1} seconds`);
    await sweep();
  }
  const nominal = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
  expect(waits).toHaveLength(nominal.length);
  for (const [n, wait] of waits.entries()) expect(Math.abs(wait / (nominal[n] ?? 0) - 1)).toBeLessThan(0.11);
  expect(await messages()).toMatchObject([
    { state: 'given_up', attempts: 10, error: expect.stringContaining('answered 400') },
  ]);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  expect(receiver.received).toHaveLength(10);
});

test('what one message is refused for holds no other back, and it arrives once the receiver is mended', async () => {
  receiver.answer = ({ data }) => (data.name === 'odd' ? 422 : 204);
  await happen('odd');
  await happen('plain');
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['odd', 'plain']);
  receiver.answer = () => 204;
  await later('6 seconds');
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['odd', 'plain', 'odd']);
  expect((await messages()).map(({ state, attempts }) => [state, attempts])).toEqual([
    ['sent', 1],
    ['sent', 2],
  ]);
});

test('an endpoint that answers 503 rests and is not tried for every message; then everything arrives', async () => {
  receiver.answer = () => 503;
  for (let n = 0; n < 4; n += 1) await happen(`event ${n}`);
  await sweep();
  await sweep();
  expect(receiver.received).toHaveLength(1);
  expect(await read()).toMatchObject({
    waiting: 4,
    error: expect.stringContaining('503'),
    failingSince: expect.any(String),
  });
  receiver.answer = () => 204;
  await later('6 seconds');
  await sweep();
  expect(namesOf(receiver.received).slice(1).toSorted()).toEqual([
    'event 0',
    'event 1',
    'event 2',
    'event 3',
  ]);
  expect(await read()).toMatchObject({ waiting: 0, error: null, failingSince: null });
});

test('a Retry-After is kept', async () => {
  receiver.answer = () => 429;
  receiver.headers = { 'retry-after': '900' };
  await happen('too many');
  await sweep();
  await later('890 seconds');
  await sweep();
  expect(receiver.received).toHaveLength(1);
  await later('11 seconds');
  await sweep();
  expect(receiver.received).toHaveLength(2);
});

test('an endpoint that takes nothing for five days is switched off, which the log and other endpoints are told of', async () => {
  const other = await addEndpoint('other', `${receiver.url}/other`, ['webhook_endpoint.given_up']);
  receiver.answer = ({ type }) => (type === 'view.created' ? 500 : 204);
  await happen('lost');
  await sweep();
  await later('4 days 23 hours');
  await sweep();
  expect(await read()).toMatchObject({ enabled: true });
  await later('2 hours');
  await happen('lost too');
  await sweep();
  expect(await read()).toMatchObject({ enabled: false, offBecause: 'failing', waiting: 0 });
  expect((await messages()).map(({ state }) => state)).toEqual(['given_up', 'given_up']);
  expect((await auditBodies('webhook_endpoint.given_up')).at(-1)).toMatchObject({
    name: 'receiver',
    because: 'failing',
  });
  await sweep();
  expect(await listWebhookMessages(actor, { endpointId: other.id })).toMatchObject([{ state: 'sent' }]);
  const before = receiver.received.length;
  await happen('while it is off');
  await sweep();
  receiver.answer = () => 204;
  await enableWebhookEndpoint(actor, { endpointId: endpoint.id });
  await happen('after');
  await sweep();
  expect(namesOf(receiver.received.slice(before))).toEqual(['after']);
});

test('an endpoint that answers 410 is switched off at once', async () => {
  receiver.answer = () => 410;
  await happen('gone');
  await sweep();
  expect(await read()).toMatchObject({ enabled: false, offBecause: 'gone' });
});

test('what waits for an endpoint that is switched off is not sent, and a change counts for the next attempt', async () => {
  receiver.answer = () => 500;
  await happen('first');
  await sweep();
  const moved = {
    endpointId: endpoint.id,
    name: 'moved',
    url: `${receiver.url}/moved`,
    events: ['view.removed'],
  };
  await changeWebhookEndpoint(actor, moved);
  receiver.answer = () => 204;
  await later('10 seconds');
  await sweep();
  expect(receiver.received).toHaveLength(2);
  await happen('no longer wanted');
  await happen('wanted', 'view.removed');
  await disableWebhookEndpoint(actor, { endpointId: endpoint.id });
  await later('1 minute');
  await sweep();
  expect(receiver.received).toHaveLength(2);
  expect((await auditBodies('webhook_endpoint.changed')).at(-1)?.changes).toEqual([
    { field: 'name', from: 'receiver', to: 'moved' },
    { field: 'address', from: new URL(receiver.url).host, to: `${new URL(receiver.url).host}, another path` },
    { field: 'events', from: 'view.*', to: 'view.removed' },
  ]);
});

test('an address is guarded when it is saved and again when it is connected to', async () => {
  const wish = { name: 'inner', url: 'http://169.254.169.254/latest', events: ['*'] };
  await expect(createWebhookEndpoint(actor, wish)).rejects.toMatchObject({ code: 'address_refused' });
  await expect(changeWebhookEndpoint(actor, { endpointId: endpoint.id, ...wish })).rejects.toMatchObject({
    code: 'address_refused',
  });
  const signedIn = { ...wish, url: 'https://user:word@example.com/' };
  await expect(createWebhookEndpoint(actor, signedIn)).rejects.toMatchObject({ code: 'address_refused' });
  await db().pool.query('update webhook_endpoints set url = $1', [wish.url]);
  await happen('never sent');
  await sweep();
  expect(await messages()).toMatchObject([
    { state: 'waiting', status: null, error: expect.stringContaining('never allowed') },
  ]);
});

test('names that are no events are refused, as are a name that is taken and a thirty-third endpoint', async () => {
  const wish = { name: 'another', url: receiver.url };
  for (const events of [[], ['rotation'], ['nothing.*'], ['rotation.done'], ['rot*']]) {
    await expect(createWebhookEndpoint(actor, { ...wish, events })).rejects.toMatchObject({
      code: 'bad_input',
    });
  }
  await expect(addEndpoint('receiver', receiver.url)).rejects.toMatchObject({ code: 'name_taken' });
  for (let n = 2; n <= 32; n += 1) await addEndpoint(`endpoint ${n}`, receiver.url);
  await expect(addEndpoint('one more', receiver.url)).rejects.toMatchObject({ code: 'too_many' });
});

test('an endpoint that cannot be sent to for a reason of our own says so, and is not tried in a loop', async () => {
  await db().pool.query(`update webhook_secrets set sealed = 'v1.m1.AAAA.AAAA'`);
  await happen('unsigned');
  await sweep();
  expect(receiver.received).toEqual([]);
  expect(await read()).toMatchObject({
    waiting: 1,
    error: expect.stringMatching(/^Nothing could be sent to receiver/),
  });
});

test('a test is sent at once and signed, also to an endpoint that is off, and says why it was refused', async () => {
  await disableWebhookEndpoint(actor, { endpointId: endpoint.id });
  const wish = { endpointId: endpoint.id };
  expect(await tryWebhookEndpoint(actor, wish)).toEqual({
    ok: true,
    message: 'receiver took a test message.',
  });
  const [message] = receiver.received;
  if (message === undefined) throw new Error('Nothing was received.');
  expect(verified(endpoint.secret, message)).toMatchObject({ type: 'webhook_endpoint.test' });
  receiver.answer = () => 401;
  expect(await tryWebhookEndpoint(actor, wish)).toMatchObject({
    ok: false,
    message: expect.stringContaining('signing secret'),
  });
  expect(await messages()).toEqual([]);
});

test('messages are listed by state and page by page, and removed after thirty days', async () => {
  receiver.answer = ({ data }) => (data.name === 'event 1' ? 400 : 204);
  for (let n = 0; n < 5; n += 1) await happen(`event ${n}`);
  await sweep();
  const wish = { endpointId: endpoint.id };
  expect(await listWebhookMessages(actor, { ...wish, state: 'waiting' })).toHaveLength(1);
  expect(await listWebhookMessages(actor, { ...wish, state: 'sent' })).toHaveLength(4);
  const first = await listWebhookMessages(actor, { ...wish, limit: 2 });
  const rest = await listWebhookMessages(actor, { ...wish, after: String(first.at(-1)?.seq) });
  expect([...first, ...rest].map(({ seq }) => seq)).toEqual((await messages()).map(({ seq }) => seq));
  await later('29 days');
  await forgetOldMessages();
  expect(await messages()).toHaveLength(5);
  await later('2 days');
  await forgetOldMessages();
  // What was never sent nor given up is kept, however old.
  expect(await messages()).toMatchObject([{ state: 'waiting' }]);
});
