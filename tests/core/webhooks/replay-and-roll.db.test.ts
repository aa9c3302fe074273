import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sealedTables } from '#core/vault/sealed-tables.ts';
import { changeWebhookEndpoint } from '#core/webhooks/change-webhook-endpoint.ts';
import { disableWebhookEndpoint } from '#core/webhooks/disable-webhook-endpoint.ts';
import { enableWebhookEndpoint } from '#core/webhooks/enable-webhook-endpoint.ts';
import { listWebhookEndpoints } from '#core/webhooks/list-webhook-endpoints.ts';
import { listWebhookMessages } from '#core/webhooks/list-webhook-messages.ts';
import { readWebhookEndpoint } from '#core/webhooks/read-webhook-endpoint.ts';
import { removeWebhookEndpoint } from '#core/webhooks/remove-webhook-endpoint.ts';
import { replayWebhookEvents } from '#core/webhooks/replay-webhook-events.ts';
import { replayWebhookMessage } from '#core/webhooks/replay-webhook-message.ts';
import { rollWebhookSecret } from '#core/webhooks/roll-webhook-secret.ts';
import { db } from '#lib/db.ts';
import { tamper } from '#tests/core/evidence/trail.ts';
import {
  actor,
  addEndpoint,
  happen,
  isVerified,
  later,
  namesOf,
  type Receiver,
  startReceiver,
  sweep,
} from '#tests/core/webhooks/receiver.ts';
import { auditBodies } from '#tests/support/users.ts';

let receiver: Receiver;
let endpointId: string;
let secret: string;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

beforeEach(async () => {
  for (const { id } of await listWebhookEndpoints(actor, {})) {
    await removeWebhookEndpoint(actor, { endpointId: id });
  }
  ({ id: endpointId, secret } = await addEndpoint('receiver', receiver.url));
  receiver.answer = () => 204;
  receiver.received.length = 0;
});

async function now(): Promise<string> {
  const { rows } = await db().pool.query<{ now: Date }>('select rekey_now() as now');
  return (rows[0]?.now ?? new Date(0)).toISOString();
}

const idsOf = () => receiver.received.map(({ id }) => id);

test('a message is sent again on request, with the same id, also one that was given up', async () => {
  await happen('once more');
  await sweep();
  const [line] = await listWebhookMessages(actor, { endpointId });
  const wish = { endpointId, messageId: line?.id ?? '' };
  await replayWebhookMessage(actor, wish);
  await sweep();
  expect(idsOf()).toEqual([line?.webhookId, line?.webhookId]);
  await db().pool.query('update webhook_messages set sent_at = null, error = $1, attempts = 10', ['x']);
  expect(await listWebhookMessages(actor, { endpointId, state: 'given_up' })).toHaveLength(1);
  await replayWebhookMessage(actor, wish);
  await sweep();
  expect(await listWebhookMessages(actor, { endpointId })).toMatchObject([
    { state: 'sent', attempts: 1, replays: 2 },
  ]);
  expect((await auditBodies('webhook_endpoint.replayed')).at(-1)).toMatchObject({
    webhookId: line?.webhookId,
  });
  await expect(replayWebhookMessage(actor, { endpointId, messageId: endpointId })).rejects.toMatchObject({
    status: 404,
  });
});

test('a message whose event was detached is given up and not replayed, and keeps no other from being sent', async () => {
  receiver.answer = () => 503;
  await happen('taken away');
  await sweep();
  await happen('kept');
  await sweep();
  await tamper(`delete from audit_events where body like '%taken away%'`);
  receiver.answer = () => 204;
  receiver.received.length = 0;
  await later('10 minutes');
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['kept']);
  const given = await listWebhookMessages(actor, { endpointId, state: 'given_up' });
  expect(given).toMatchObject([{ error: expect.stringContaining('detached') }]);
  const wish = { endpointId, messageId: given[0]?.id ?? '' };
  await expect(replayWebhookMessage(actor, wish)).rejects.toMatchObject({ status: 409, code: 'detached' });
});

test('a replay since a time sends every event from then on and none before, in order, with the ids they had', async () => {
  await happen('before');
  await sweep();
  await later('5 seconds');
  const since = await now();
  await later('1 second');
  for (const name of ['one', 'two', 'three']) await happen(name);
  await sweep();
  const first = idsOf().slice(1);
  await later('10 minutes');
  receiver.received.length = 0;
  await replayWebhookEvents(actor, { endpointId, since });
  await happen('meanwhile');
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['one', 'two', 'three', 'meanwhile']);
  expect(idsOf().slice(0, 3)).toEqual(first);
  receiver.received.length = 0;
  await happen('afterwards');
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['afterwards']);
});

test('a replay brings what happened while the endpoint was off, before it was made, and what it wanted only later', async () => {
  const since = await now();
  await later('1 second');
  await happen('taken away', 'view.removed');
  await disableWebhookEndpoint(actor, { endpointId });
  await happen('while it was off');
  await sweep();
  const wish = { endpointId, since };
  await expect(replayWebhookEvents(actor, wish)).rejects.toMatchObject({ code: 'switched_off' });
  await enableWebhookEndpoint(actor, { endpointId });
  const late = await addEndpoint('late', `${receiver.url}/late`, ['view.created']);
  await sweep();
  expect(receiver.received).toEqual([]);
  await changeWebhookEndpoint(actor, {
    endpointId,
    name: 'receiver',
    url: receiver.url,
    events: ['view.removed', 'view.created'],
  });
  await replayWebhookEvents(actor, wish);
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['taken away', 'while it was off']);
  await replayWebhookEvents(actor, { endpointId: late.id, since });
  await sweep();
  expect(namesOf(receiver.received).slice(2)).toEqual(['while it was off']);
});

test('a second replay while one is under way leaves nothing of the first out', async () => {
  const early = await now();
  await later('1 second');
  await happen('one');
  await later('5 minutes');
  const recent = await now();
  await later('1 second');
  await happen('two');
  await sweep();
  receiver.received.length = 0;
  await replayWebhookEvents(actor, { endpointId, since: early });
  await replayWebhookEvents(actor, { endpointId, since: recent });
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['one', 'two']);
});

test('a replay goes back thirty days at most, and not into the future', async () => {
  const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  for (const since of [at(-40), at(40)]) {
    await expect(replayWebhookEvents(actor, { endpointId, since })).rejects.toMatchObject({
      code: 'bad_input',
      fields: { since: expect.any(String) },
    });
  }
});

test('after a roll both secrets verify every message until the overlap is over, then only the new one', async () => {
  const rolled = await rollWebhookSecret(actor, { endpointId, overlap: '24h' });
  const next = rolled.secret.expose();
  await happen('in the overlap');
  await sweep();
  const [message] = receiver.received;
  if (message === undefined) throw new Error('Nothing was received.');
  expect(message.headers['webhook-signature']?.split(' ')).toHaveLength(2);
  expect([isVerified(secret, message), isVerified(next, message)]).toEqual([true, true]);
  await later('25 hours');
  await happen('after it');
  await sweep();
  const last = receiver.received.at(-1) ?? message;
  expect([isVerified(secret, last), isVerified(next, last)]).toEqual([false, true]);
  expect((await readWebhookEndpoint(actor, { endpointId })).secrets).toMatchObject([{ endsAt: null }]);
});

test('a roll without overlap ends the secret before at once, and a sixth secret at a time is refused', async () => {
  const rolled = await rollWebhookSecret(actor, { endpointId, overlap: 'now' });
  await happen('signed anew');
  await sweep();
  const [message] = receiver.received;
  if (message === undefined) throw new Error('Nothing was received.');
  expect([isVerified(secret, message), isVerified(rolled.secret.expose(), message)]).toEqual([false, true]);
  for (let n = 0; n < 4; n += 1) await rollWebhookSecret(actor, { endpointId, overlap: '7d' });
  await expect(rollWebhookSecret(actor, { endpointId, overlap: '1h' })).rejects.toMatchObject({
    code: 'slots_full',
  });
  expect((await readWebhookEndpoint(actor, { endpointId })).secrets).toHaveLength(5);
});

test('signing secrets are sealed where the keyring is walked, and stand in no event and no answer', async () => {
  const rolled = await rollWebhookSecret(actor, { endpointId, overlap: '24h' });
  expect(await sealedTables(db())).toContain('webhook_secrets');
  const { rows } = await db().pool.query('select s, e from webhook_secrets s, webhook_endpoints e');
  const events = await db().prisma.auditEvent.findMany({ select: { body: true } });
  const shown = [await readWebhookEndpoint(actor, { endpointId }), await listWebhookEndpoints(actor, {})];
  const text = JSON.stringify([rows, events, shown]);
  expect(rows.length).toBeGreaterThan(0);
  for (const value of [secret, rolled.secret.expose()]) {
    expect(text).not.toContain(value.slice('whsec_'.length, -4));
  }
});
