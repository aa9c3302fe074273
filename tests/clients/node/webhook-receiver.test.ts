import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { webhook } from '#connectors/targets/webhook.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { createWebhookReceiver } from '../../../clients/node/webhook-receiver.mjs';
import { callWith } from '../../support/call.ts';
import { type Loopback, loopback } from '../../support/loopback.ts';

const key = Buffer.alloc(32, 7);
const signingSecret = `whsec_${key.toString('base64')}`;
const servers: Loopback[] = [];

type Delivery = { versionId: string; slot: string; entries: Record<string, string> };

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function receiving(keep?: () => never) {
  const kept: Delivery[] = [];
  const receive = createWebhookReceiver({
    signingSecret,
    keep: keep ?? ((delivery) => void kept.push(delivery)),
    held: () => kept.at(-1) ?? null,
  });
  const server = await loopback(receive);
  servers.push(server);
  const config = webhook.config.parse({ url: `${server.url}/rekey`, signingSecret });
  return { server, kept, call: callWith(config, {}) };
}

interface Message {
  secret?: Buffer;
  id?: string;
  timestamp?: number;
  body?: string;
  signatures?: (right: string) => string;
}

async function post(server: Loopback, message: Message): Promise<{ status: number; text: string }> {
  const {
    secret = key,
    id = 'msg_1',
    body = '{"type":"ping","data":{}}',
    signatures = (right) => right,
  } = message;
  const timestamp = String(message.timestamp ?? Math.floor(Date.now() / 1000));
  const right = `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures(right),
  };
  const response = await fetch(server.url, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

test('the receiver and the webhook target understand each other, for one entry and for several', async () => {
  const { call, kept } = await receiving();
  const one = { SECRET: new Plaintext('välue "1"') };
  await webhook.check(call);
  expect(await webhook.confirm(call, one, 'primary')).toBe('pending');
  await webhook.deliver(call, one, 'primary');
  expect(kept).toEqual([{ versionId: 'version-1', slot: 'primary', entries: { SECRET: 'välue "1"' } }]);
  expect(await webhook.confirm(call, one, 'primary')).toBe('live');
  const several = {
    b: new Plaintext('2'),
    a: new Plaintext('1'),
    '10': new Plaintext('x'),
    '9': new Plaintext('y'),
  };
  const next = { ...call, versionId: 'version-2' };
  await webhook.deliver(next, several, 'primary');
  await webhook.deliver(next, several, 'primary');
  expect(await webhook.confirm(next, several, 'primary')).toBe('live');
  expect(await webhook.confirm(call, one, 'primary')).toBe('pending');
});

/** A receiver with both slots, for one key. */
async function holdingBoth() {
  const slots = new Map<string, Delivery>();
  const receive = createWebhookReceiver({
    signingSecret,
    keep: (delivery) => void slots.set(delivery.slot, delivery),
    held: ({ slot }) => slots.get(slot) ?? null,
    remove: ({ slot }) => void slots.delete(slot),
  });
  const server = await loopback(receive);
  servers.push(server);
  const config = webhook.config.parse({ url: server.url, signingSecret });
  return { server, slots, call: callWith(config, {}) };
}

test('a receiver with `remove` holds a next value beside the primary one until it is removed', async () => {
  const { call, slots } = await holdingBoth();
  const old = { SECRET: new Plaintext('old') };
  const coming = { SECRET: new Plaintext('coming') };
  const next = { ...call, versionId: 'version-2' };
  await webhook.deliver(call, old, 'primary');
  await webhook.deliver(next, coming, 'next');
  expect(await webhook.confirm(next, coming, 'next')).toBe('live');
  expect(await webhook.confirm(next, coming, 'primary')).toBe('pending');
  expect(await webhook.confirm(call, old, 'primary')).toBe('live');
  await webhook.remove?.(next, ['SECRET'], 'next');
  await webhook.remove?.(next, ['SECRET'], 'next');
  expect([...slots.keys()]).toEqual(['primary']);
  expect(await webhook.confirm(next, coming, 'next')).toBe('pending');
});

test('a receiver without `remove` is given nothing of the slot next, and goes on with primary', async () => {
  const { server, call, kept } = await receiving();
  const one = { SECRET: new Plaintext('in use') };
  await webhook.deliver(call, one, 'primary');
  await expect(webhook.deliver(call, one, 'next')).rejects.toMatchObject({ retry: 'never' });
  await expect(webhook.confirm(call, one, 'next')).rejects.toMatchObject({ retry: 'never' });
  await expect(webhook.remove?.(call, ['SECRET'], 'next')).rejects.toMatchObject({ retry: 'never' });
  for (const type of ['secret.delivered', 'secret.removed']) {
    const data = { versionId: 'v', slot: 'next', keys: ['SECRET'], entries: { SECRET: 'x' } };
    const answered = await post(server, { body: JSON.stringify({ type, data }) });
    expect(answered).toEqual({ status: 422, text: '{"error":"slot_not_held"}' });
  }
  expect(kept).toHaveLength(1);
  expect(await webhook.confirm(call, one, 'primary')).toBe('live');
});

test('no message removes the primary value, or puts one into a slot of another name', async () => {
  const { server, call, slots } = await holdingBoth();
  await webhook.deliver(call, { SECRET: new Plaintext('in use') }, 'primary');
  for (const [type, slot] of [
    ['secret.removed', 'primary'],
    ['secret.removed', 'other'],
    ['secret.removed', undefined],
    ['secret.delivered', 'other'],
  ]) {
    const data = { slot, versionId: 'v', keys: ['SECRET'], entries: { SECRET: 'x' } };
    expect((await post(server, { body: JSON.stringify({ type, data }) })).status).toBe(422);
  }
  expect([...slots]).toEqual([['primary', expect.objectContaining({ versionId: 'version-1' })]]);
});

test('a message without a right signature is refused and not kept', async () => {
  const { server, kept } = await receiving();
  const body = JSON.stringify({
    type: 'secret.delivered',
    data: { versionId: 'v', slot: 'primary', entries: {} },
  });
  const wrong: Message[] = [
    { body, secret: Buffer.alloc(32, 8) },
    { body, signatures: () => '' },
    { body, signatures: () => 'v1,' },
    { body, signatures: () => 'v1,AAAA' },
    { body, signatures: (right) => right.replace('v1,', 'v2,') },
    { body, signatures: (right) => right.slice(0, -8) },
  ];
  for (const message of wrong) {
    expect(await post(server, message)).toEqual({ status: 401, text: '{"error":"invalid_signature"}' });
  }
  expect((await fetch(server.url, { method: 'POST', body })).status).toBe(401);
  expect(kept).toEqual([]);
});

test('one right signature among several is enough, so the signing secret can be rotated', async () => {
  const { server } = await receiving();
  const signatures = (right: string) => `v1,${'A'.repeat(43)}= ${right}`;
  expect((await post(server, { signatures })).status).toBe(200);
});

test('a message older or newer than five minutes is refused', async () => {
  const { server } = await receiving();
  const now = Math.floor(Date.now() / 1000);
  expect((await post(server, { timestamp: now - 240 })).status).toBe(200);
  expect((await post(server, { timestamp: now - 360 })).text).toBe('{"error":"stale_timestamp"}');
  expect((await post(server, { timestamp: now + 360 })).status).toBe(401);
  expect((await post(server, { timestamp: Number.NaN })).status).toBe(401);
});

test('an entry that could not be kept is answered 500 without its cause', async () => {
  const { call, server } = await receiving(() => {
    throw new Error('disk full at /secret/path');
  });
  const body = JSON.stringify({
    type: 'secret.delivered',
    data: { versionId: 'v', slot: 'primary', entries: {} },
  });
  expect(await post(server, { body })).toEqual({ status: 500, text: '{"error":"not_kept"}' });
  await expect(webhook.deliver(call, { A: new Plaintext('x') }, 'primary')).rejects.toMatchObject({
    retry: 'later',
  });
});

test('a body beyond the limit is refused', async () => {
  const { server } = await receiving();
  const answered = await post(server, { body: 'x'.repeat(1_100_000) }).catch(() => ({ status: 413 }));
  expect(answered.status).toBe(413);
});

test('a signing secret that is too short or misspelt stops the start', () => {
  const options = { keep: () => undefined, held: () => null };
  for (const bad of ['', 'whsec_', 'whsec_AAAA', key.toString('base64')]) {
    expect(() => createWebhookReceiver({ ...options, signingSecret: bad })).toThrow(/whsec_/);
  }
});

test('the receiver imports nothing but Node', async () => {
  const source = await readFile(
    new URL('../../../clients/node/webhook-receiver.mjs', import.meta.url),
    'utf8',
  );
  const imported = [...source.matchAll(/\bfrom '([^']+)'|import\('([^']+)'\)/g)].map(
    (match) => match[1] ?? match[2],
  );
  expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([]);
});

test('places behind one receiver are told apart by their names, in every question', async () => {
  const kept = new Map<string, { versionId: string; entries: Record<string, string> }>();
  const nameOf = ({ place, slot }: { place?: string; slot: string }) => `${place} ${slot}`;
  const receive = createWebhookReceiver({
    signingSecret,
    keep: (delivery) => void kept.set(nameOf(delivery), delivery),
    held: (question) => kept.get(nameOf(question)) ?? null,
    remove: (order) => void kept.delete(nameOf(order)),
  });
  const server = await loopback(receive);
  servers.push(server);
  const config = webhook.config.parse({ url: server.url, signingSecret });
  const callTo = (name: string, versionId: string) => ({ ...callWith(config, { name }), versionId });
  const [shop, blog] = [callTo('shop', 'v-shop'), callTo('blog', 'v-blog')];
  const holding = (text: string) => ({ SECRET: new Plaintext(text) });
  for (const slot of ['primary', 'next'] as const) {
    await webhook.deliver(shop, holding('of the shop'), slot);
    await webhook.deliver(blog, holding('of the blog'), slot);
    expect(await webhook.confirm(shop, holding('of the shop'), slot)).toBe('live');
  }
  await webhook.remove?.(shop, ['SECRET'], 'next');
  expect(await webhook.confirm(blog, holding('of the blog'), 'next')).toBe('live');
  expect([...kept.keys()]).toEqual(['shop primary', 'blog primary', 'blog next']);
});
