import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseTime } from '#lib/clock.ts';
import { newId } from '#lib/new-id.ts';
import { ask, type Caller } from '#tests/app/api/ask.ts';
import {
  happen,
  isVerified,
  later,
  namesOf,
  type Receiver,
  startReceiver,
  sweep,
} from '#tests/core/webhooks/receiver.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const fresh = async (): Promise<Caller> => ({ id: newId(), role: 'admin', stepUpAt: await databaseTime() });
const wish = (name: string) => ({ name, url: receiver.url, events: ['view.*'] });

test('a program adds an endpoint, is sent events, finds its messages, replays them and rolls the secret', async () => {
  const caller = await fresh();
  const made = await ask('POST', '/webhook-endpoints', { caller, body: wish('pipeline') });
  expect(made).toMatchObject({ status: 201, body: { enabled: true, events: ['view.*'], waiting: 0 } });
  const at = `/webhook-endpoints/${made.body.id}`;
  for (const name of ['one', 'two', 'three']) await happen(name);
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['one', 'two', 'three']);
  expect(receiver.received.every((message) => isVerified(String(made.body.secret), message))).toBe(true);
  const first = await ask('GET', `${at}/messages?limit=2&state=sent`);
  const rest = await ask('GET', `${at}/messages?limit=2&cursor=${first.body.nextCursor}`);
  const items = [first, rest].flatMap(({ body }) => body.items as { id: string; webhookId: string }[]);
  expect(items.map(({ webhookId }) => webhookId)).toEqual(receiver.received.map(({ id }) => id).reverse());
  expect(rest.body.nextCursor).toBeNull();
  expect((await ask('POST', `${at}/messages/${items[0]?.id}/replay`, { body: {} })).status).toBe(202);
  const since = new Date((await databaseTime()).getTime() - 60_000).toISOString();
  await later('1 second');
  await sweep();
  expect((await ask('POST', `${at}/replay`, { body: { since } })).status).toBe(202);
  await sweep();
  expect(namesOf(receiver.received).slice(3)).toEqual(['three', 'one', 'two', 'three']);
  const body = { gracePeriod: 'P1D' };
  const rolled = await ask('POST', `${at}/roll-secret`, { caller: await fresh(), body });
  expect(rolled.body.secrets).toMatchObject([{ endsAt: null }, { endsAt: expect.any(String) }]);
  expect((await ask('POST', `${at}/test`, { body: {} })).body).toMatchObject({ ok: true });
  const last = receiver.received.at(-1);
  expect(last !== undefined && isVerified(String(rolled.body.secret), last)).toBe(true);
  const read = await ask('GET', at);
  for (const secret of [made.body.secret, rolled.body.secret]) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(JSON.stringify(read.body)).not.toContain(secret);
  }
});

test('an endpoint is changed, switched off and on, and removed; whoever proved too long ago who they are adds none', async () => {
  const made = await ask('POST', '/webhook-endpoints', { caller: await fresh(), body: wish('other') });
  const at = `/webhook-endpoints/${made.body.id}`;
  const changed = { ...wish('renamed'), events: ['rotation.*', 'credential.created'] };
  expect((await ask('PUT', at, { caller: await fresh(), body: changed })).body).toMatchObject({
    name: 'renamed',
    events: ['credential.created', 'rotation.*'],
  });
  expect((await ask('POST', `${at}/disable`, { body: {} })).body).toMatchObject({ enabled: false });
  const replay = await ask('POST', `${at}/replay`, { body: { since: new Date().toISOString() } });
  expect({ status: replay.status, code: replay.body.code }).toEqual({ status: 409, code: 'switched_off' });
  expect((await ask('POST', `${at}/enable`, { body: {} })).body).toMatchObject({
    enabled: true,
    offAt: null,
  });
  const stale = { id: newId(), role: 'admin' as const, stepUpAt: new Date(0) };
  const refused = await ask('POST', '/webhook-endpoints', { caller: stale, body: wish('stale') });
  expect({ status: refused.status, code: refused.body.code }).toEqual({
    status: 403,
    code: 'step_up_required',
  });
  const operator = { id: newId(), role: 'operator' as const, stepUpAt: await databaseTime() };
  expect((await ask('GET', '/webhook-endpoints', { caller: operator })).status).toBe(403);
  expect((await ask('DELETE', at)).status).toBe(204);
  expect((await ask('GET', `${at}/messages`)).status).toBe(404);
});
