import { afterEach, beforeEach, expect, test } from 'vitest';
import { BODY_BYTES } from '#app/_doors/api/body.ts';
import { problemSchema } from '#app/_doors/api/problem.ts';
import { requestLimit } from '#core/access/request-limit.ts';
import { db } from '#lib/db.ts';
import { log } from '#lib/log.ts';
import { newId } from '#lib/new-id.ts';
import { ask, askRaw } from '#tests/app/api/ask.ts';
import { moveTime } from '#tests/support/database.ts';
import { auditBodies } from '#tests/support/users.ts';

const policy = (name: string, more: object = {}) => ({
  name,
  rhythm: { interval: 'P30D' },
  gracePeriod: 'P1D',
  ...more,
});

let count = 0;
const fresh = () => {
  count += 1;
  return `policy ${String(count).padStart(4, '0')}`;
};

const idOf = (body: Record<string, unknown>) => String(body.id);

beforeEach(() => db().prisma.requestCount.deleteMany());
afterEach(() => db().prisma.requestCount.deleteMany());

test.each([
  ['nothing at the address', 'GET', '/nothing', {}, 404, 'no_route'],
  ['a path that goes on', 'GET', '/policies/', {}, 404, 'no_route'],
  ['an id that is none', 'GET', '/policies/none', {}, 404, 'not_found'],
  ['an id of nothing', 'GET', `/policies/${newId()}`, {}, 404, 'not_found'],
  ['another method', 'DELETE', '/policies', {}, 405, 'method_not_allowed'],
  ['another format wanted', 'GET', '/policies', { headers: { accept: 'text/html' } }, 406, 'not_acceptable'],
  [
    'a format refused',
    'GET',
    '/policies',
    { headers: { accept: 'application/json;q=0' } },
    406,
    'not_acceptable',
  ],
  [
    'another format sent',
    'POST',
    '/policies',
    { text: '{}', headers: { 'content-type': 'text/plain' } },
    415,
    'unsupported_media_type',
  ],
  [
    'a compressed body',
    'POST',
    '/policies',
    { text: '{}', headers: { 'content-encoding': 'gzip' } },
    415,
    'unsupported_media_type',
  ],
  ['a body that is no JSON', 'POST', '/policies', { text: '{' }, 400, 'bad_json'],
  ['a body that is no UTF-8', 'POST', '/policies', { text: new Uint8Array([34, 255, 34]) }, 400, 'bad_json'],
  [
    'a body that is too deep',
    'POST',
    '/policies',
    { text: '['.repeat(5000) + ']'.repeat(5000) },
    400,
    'bad_json',
  ],
  ['a body that is too large', 'POST', '/policies', { text: ' '.repeat(BODY_BYTES + 1) }, 413, 'too_large'],
  [
    'a field that there is not',
    'POST',
    '/policies',
    { body: policy('x', { gracePeriode: 'P1D' }) },
    400,
    'bad_input',
  ],
  ['a text that cannot be stored', 'POST', '/policies', { body: policy('a\0b') }, 400, 'bad_input'],
  ['half a surrogate pair', 'POST', '/policies', { body: policy('\ud800') }, 400, 'bad_input'],
  ['a query that there is not', 'GET', '/policies?page=2', {}, 400, 'bad_input'],
  ['a query given twice', 'GET', '/policies?limit=1&limit=2', {}, 400, 'bad_input'],
  ['a page that is too long', 'GET', '/policies?limit=101', {}, 400, 'bad_input'],
  ['a cursor that is none', 'GET', '/policies?cursor=abc', {}, 400, 'bad_input'],
  [
    'a cursor with a text that cannot be stored',
    'GET',
    `/policies?cursor=${Buffer.from('["\\u0000"]').toString('base64url')}`,
    {},
    400,
    'bad_input',
  ],
  [
    'a cursor of another list',
    'GET',
    `/rotations?cursor=${Buffer.from('["a"]').toString('base64url')}`,
    {},
    400,
    'bad_input',
  ],
] as const)('%s is a problem: %s %s', async (_what, method, path, more, status, code) => {
  const answer = await ask(method, path, more);
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(answer.body);
  expect(problem).toMatchObject({ status, type: `urn:rekey:problem:${code}` });
  expect(problem.instance).toBe(`urn:uuid:${answer.headers.get('x-request-id')}`);
});

test('a refusal of a method says which ones there are', async () => {
  const { headers } = await ask('PATCH', `/policies/${newId()}`);
  expect(headers.get('allow')).toBe('GET, HEAD, PUT, DELETE');
});

test('a body that says nothing of its length is not read beyond the limit', async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(32));
    },
  });
  const request = new Request('http://localhost:3000/api/v1/policies', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: endless,
    duplex: 'half',
  } as RequestInit);
  const { dispatch } = await import('#app/_doors/api/dispatch.ts');
  const { routes } = await import('#app/_doors/api/routes.ts');
  const actorOf = async () => ({
    kind: 'api_client' as const,
    id: newId(),
    name: 'c',
    role: 'admin' as const,
    stepUpAt: new Date(),
  });
  expect((await dispatch({ routes, actorOf }, request)).status).toBe(413);
  expect(sent).toBeLessThan(2 * BODY_BYTES);
});

test('a wrong field is told by its name, with a sentence', async () => {
  const { body } = await ask('POST', '/policies', { body: policy(fresh(), { gracePeriod: 'P1M' }) });
  expect(body.fields).toEqual({ gracePeriod: expect.stringContaining('P30D') });
});

test('what nobody foresaw is told without detail', async () => {
  const { dispatch } = await import('#app/_doors/api/dispatch.ts');
  const actorOf = async () => {
    throw new Error('the password is hunter2');
  };
  log.level = 'silent';
  const { routes } = await import('#app/_doors/api/routes.ts');
  const answer = await dispatch({ routes, actorOf }, new Request('http://localhost:3000/api/v1/policies'));
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('hunter2');
});

test('a policy that is made is answered with its place, and is read in the same words', async () => {
  const name = fresh();
  const made = await ask('POST', '/policies', { body: policy(name, { jitter: 'PT30M' }) });
  expect(made.status).toBe(201);
  expect(made.headers.get('location')).toBe(`/api/v1/policies/${idOf(made.body)}`);
  const read = await ask('GET', `/policies/${idOf(made.body)}`);
  expect(read.body).toEqual(made.body);
  expect(read.body).toMatchObject({
    name,
    rhythm: { interval: 'P30D' },
    gracePeriod: 'P1D',
    jitter: 'PT30M',
  });
});

test('the request is named in its answer and in the audit event of what it did', async () => {
  const { headers } = await ask('POST', '/policies', {
    body: policy(fresh()),
    headers: { 'x-real-ip': '192.0.2.7' },
  });
  const [event] = (await auditBodies('policy.created')).slice(-1);
  expect(event).toMatchObject({
    requestId: headers.get('x-request-id'),
    address: '192.0.2.7',
    actor: { kind: 'api_client' },
  });
});

test('HEAD answers what GET answers, without the body', async () => {
  const answer = await askRaw('HEAD', '/policies');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('etag')).toMatch(/^"[\w-]{27}"$/);
  expect(await answer.text()).toBe('');
});

test('a resource that has not changed is answered 304 and nothing else', async () => {
  const made = await ask('POST', '/policies', { body: policy(fresh()) });
  const read = await ask('GET', `/policies/${idOf(made.body)}`);
  const headers = { 'if-none-match': `"other", W/${read.headers.get('etag')}` };
  const again = await askRaw('GET', `/policies/${idOf(made.body)}`, { headers });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
});

test('a change on the ground of an older state is refused, and changes nothing', async () => {
  const name = fresh();
  const made = await ask('POST', '/policies', { body: policy(name) });
  const path = `/policies/${idOf(made.body)}`;
  const old = (await ask('GET', path)).headers.get('etag') ?? '';
  const first = await ask('PUT', path, {
    body: policy(name, { gracePeriod: 'P2D' }),
    headers: { 'if-match': old },
  });
  expect(first.status).toBe(200);
  expect(first.headers.get('etag')).toBe((await ask('GET', path)).headers.get('etag'));
  const second = await ask('PUT', path, {
    body: policy(name, { gracePeriod: 'P3D' }),
    headers: { 'if-match': old },
  });
  expect({ status: second.status, code: second.body.code }).toEqual({
    status: 412,
    code: 'changed_meanwhile',
  });
  expect((await ask('GET', path)).body.gracePeriod).toBe('P2D');
});

test('of changes at the same time on the ground of the same state, one is made', async () => {
  const name = fresh();
  const made = await ask('POST', '/policies', { body: policy(name) });
  const path = `/policies/${idOf(made.body)}`;
  const etag = (await ask('GET', path)).headers.get('etag') ?? '';
  const answers = await Promise.all(
    [2, 3, 4, 5, 6].map((days) =>
      ask('PUT', path, { body: policy(name, { gracePeriod: `P${days}D` }), headers: { 'if-match': etag } }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
});

test('pages go through a list once, whatever is added meanwhile before them', async () => {
  await db().prisma.policy.deleteMany();
  const names = ['b', 'd', 'f', 'h', 'k'];
  for (const name of names) await ask('POST', '/policies', { body: policy(name) });
  const seen: unknown[] = [];
  let cursor = '';
  do {
    const { body } = await ask('GET', `/policies?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const items = body.items as { name: string }[];
    expect(items.length).toBeLessThanOrEqual(2);
    seen.push(...items.map(({ name }) => name));
    if (cursor === '') await ask('POST', '/policies', { body: policy('a') });
    cursor = String(body.nextCursor ?? '');
  } while (cursor !== '');
  expect(seen).toEqual(names);
});

test('more requests in a minute than are allowed are refused until the minute is over, for this client only', async () => {
  const caller = { id: newId(), role: 'viewer' as const };
  const first = await ask('GET', '/policies', { caller });
  expect(first.headers.get('ratelimit-policy')).toBe('"default";q=600;w=60');
  expect(first.headers.get('ratelimit')).toBe('"default";r=599;t=60');
  await db().prisma.requestCount.updateMany({ data: { used: requestLimit.requests - 1 } });
  expect((await ask('GET', '/policies', { caller })).headers.get('ratelimit')).toMatch(/^"default";r=0;/);
  const refused = await ask('GET', '/policies', { caller });
  expect({ status: refused.status, code: refused.body.code }).toEqual({
    status: 429,
    code: 'too_many_requests',
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask('GET', '/policies')).status).toBe(200);
  await moveTime(process.env.DATABASE_URL ?? '', '61 seconds');
  expect((await ask('GET', '/policies', { caller })).status).toBe(200);
});

test('requests at the same time are all counted', async () => {
  const caller = { id: newId(), role: 'viewer' as const };
  await Promise.all(Array.from({ length: 20 }, () => ask('GET', '/policies', { caller })));
  const { used } = await db().prisma.requestCount.findUniqueOrThrow({
    where: { actorId: `api_client:${caller.id}` },
  });
  expect(used).toBe(20);
});

test('a request that waits in vain for the database is refused as busy and told when to ask again', async () => {
  const { pool } = db();
  const held = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  const { connectionTimeoutMillis } = pool.options;
  pool.options.connectionTimeoutMillis = 20;
  const { status, body, headers } = await ask('GET', '/policies');
  pool.options.connectionTimeoutMillis = connectionTimeoutMillis;
  for (const client of held) client.release();
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'busy' });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask('GET', '/policies')).status).toBe(200);
});
