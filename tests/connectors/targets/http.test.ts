import { afterEach, expect, test } from 'vitest';
import type { Entries } from '#connectors/contract.ts';
import { httpTarget } from '#connectors/targets/http.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import { httpKeyStore } from '../worlds/http-target.ts';

type Store = Awaited<ReturnType<typeof httpKeyStore>>;

const stores: Store[] = [];
const connector = httpTarget as Required<typeof httpTarget>;
const entries: Entries = { A: new Plaintext('s3cret-a'), 'B/~': new Plaintext('s3cret "b"') };

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function keyStore(way: 'perKey' | 'atOnce', change: Record<string, unknown> = {}) {
  const store = await httpKeyStore();
  stores.push(store);
  const config = httpTarget.config.parse({ ...store[way], ...change });
  return { store, call: callWith(config, httpTarget.place.parse({ name: 'app/1' })) };
}

const least = {
  baseUrl: 'https://api.example/v1',
  write: 'PUT /keys/{{key}}\n\n{"value": "{{value}}", "version": "{{versionId}}"}',
  check: 'GET /keys',
};

/** Answers every request with the same, and keeps what was sent. */
function answering(change: Record<string, unknown>, status: number, body: unknown = '', headers = {}) {
  const requests: HttpRequest[] = [];
  const request = async (sent: HttpRequest) => {
    requests.push(sent);
    return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
  };
  const config = httpTarget.config.parse({ ...least, ...change });
  return { call: callWith(config, { name: 'app' }, { http: { request } }), requests };
}

const failure = (promise: Promise<unknown>) => failureOf(() => promise, /s3cret/);

const faults = (change: object) =>
  httpTarget.config
    .safeParse({ ...least, ...change })
    .error?.issues.map(({ path, message }) => `${path}: ${message}`) ?? [];

test.each(['perKey', 'atOnce'] as const)(
  'written %s, keys and values of any form arrive as they are and all other keys stay',
  async (way) => {
    const { call, store } = await keyStore(way);
    await connector.deliver(call, entries, 'primary');
    await connector.deliver(call, entries, 'primary');
    expect([...store.kept]).toEqual([
      ['OTHER', '1'],
      ['A', 's3cret-a'],
      ['B/~', 's3cret "b"'],
    ]);
    await connector.deliver(call, entries, 'next');
    await connector.remove(call, Object.keys(entries), 'next');
    await connector.remove(call, Object.keys(entries), 'next');
    expect(store.kept.size).toBe(3);
  },
);

test('what it can do follows from the requests that are filled in', () => {
  const can = (change: object) =>
    httpTarget.can(httpTarget.config.parse({ ...least, ...change }), { name: 'a' });
  expect(can({})).toMatchObject({ readBack: 'none', holdsNext: false, redeploy: 'none' });
  const more = { read: 'GET /keys/{{key}}', readValue: '/v', remove: 'DELETE /keys/{{key}}' };
  expect(can(more)).toMatchObject({ readBack: 'value', holdsNext: true });
});

test('without a request that removes, no next value is put there, and nothing is sent', async () => {
  const { call, requests } = answering({}, 200);
  expect((await failure(connector.deliver(call, entries, 'next'))).retry).toBe('never');
  expect((await failure(connector.remove(call, ['A'], 'next'))).retry).toBe('never');
  expect(requests).toEqual([]);
});

test('a key that lies where another’s next value would is refused before anything is sent', async () => {
  const { call, store } = await keyStore('perKey');
  const both = { A: new Plaintext('a'), A_NEXT: new Plaintext('b') };
  expect((await failure(connector.deliver(call, both, 'next'))).message).toMatch(
    /itself a key of this binding/,
  );
  expect([...store.kept.keys()]).toEqual(['OTHER']);
});

test('one answer with all keys is read once, each value where its key stands', async () => {
  const all = { read: 'GET /keys', readValue: '/data/{{key}}' };
  const { call, requests } = answering(all, 200, { data: { A: 's3cret-a', 'B/~': 's3cret "b"' } });
  expect(await connector.confirm(call, entries, 'primary')).toBe('live');
  expect(requests).toHaveLength(1);
  expect(await connector.confirm(call, entries, 'next')).toBe('pending');
  const other = answering(all, 200, { data: { A: 's3cret-a', 'B/~': 1 } });
  expect(await connector.confirm(other.call, entries, 'primary')).toBe('pending');
});

test('only the answers that are named mean that a key is absent', async () => {
  const { call } = await keyStore('perKey');
  expect(await connector.confirm(call, entries, 'primary')).toBe('pending');
  const missing = { ...call, place: { name: 'no such app' } };
  expect((await failure(connector.confirm(missing, entries, 'primary'))).retry).toBe('never');
});

test('a lost delivery may be sent again with any method, after as long as the system says', async () => {
  for (const method of ['POST', 'PUT', 'PATCH']) {
    const write = `${method} /keys/{{key}}\n\n{"value": "{{value}}"}`;
    const { call } = answering({ write }, 503, '', { 'retry-after': '9' });
    expect(await failure(connector.deliver(call, entries, 'primary'))).toMatchObject({
      retry: 'later',
      retryAfterSeconds: 9,
    });
  }
});

test('the version is sent where the request says so', async () => {
  const { call, requests } = answering({}, 200);
  await connector.deliver(call, { A: new Plaintext('x') }, 'primary');
  expect(requests[0]).toMatchObject({
    url: 'https://api.example/v1/keys/A',
    body: '{"value":"x","version":"version-1"}',
  });
});

test('check tells of a missing permission, confirm of a read that is HTML', async () => {
  const denied = await failure(connector.check(answering({}, 403).call));
  expect(denied).toMatchObject({ retry: 'never', because: 'permission' });
  const page = answering({ read: 'GET /keys/{{key}}', readValue: '/v' }, 200, '<html>');
  expect((await failure(connector.confirm(page.call, entries, 'primary'))).message).toMatch(
    /HTML instead of JSON/,
  );
});

test.each([
  [{ write: 'PUT /keys\n\n{"value": "{{value}}"}' }, /^write: must send either/],
  [{ write: 'PUT /keys/{{key}}\n\n{"all": "{{entries}}"}' }, /^write: must send either/],
  [
    { write: 'PUT /keys/{{key}}/{{value}}' },
    /^write: \{\{value\}\} is a secret and must not stand in a path/,
  ],
  [{ read: 'GET /keys/{{key}}' }, /^readValue: say where/],
  [{ read: 'GET /keys', readValue: '/value' }, /^readValue: must have \{\{key\}\}/],
  [{ read: 'GET /keys/{{key}}', readValue: 'value' }, /^readValue: must be a JSON pointer/],
  [{ read: 'GET /keys', readValue: '/{{key|base64}}' }, /^readValue: takes \{\{key\}\} as it is/],
  [{ remove: 'POST /drop' }, /^remove: must send either/],
  [{ check: 'DELETE /keys' }, /^check: The first line must be GET or POST/],
])('settings that cannot work are refused when they are saved: %j', (change, sentence) => {
  expect(faults(change)).toEqual([expect.stringMatching(sentence)]);
});
