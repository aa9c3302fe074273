import { afterEach, expect, test } from 'vitest';
import { http } from '#connectors/issuers/http.ts';
import { HttpError, type HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';
import { httpChosenWorld, httpWorld } from '../worlds/http.ts';
import type { IssuerWorld } from '../worlds/world.ts';

const worlds: IssuerWorld[] = [];
const connector = http as Required<typeof http>;
const secret = new Plaintext('s3cret-value');

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function callTo(make: () => Promise<IssuerWorld>, change: Record<string, unknown> = {}) {
  const world = await make();
  worlds.push(world);
  const config = http.config.parse({ ...(world.config as object), ...change });
  return { world, call: callWith(config, http.place.parse(world.place)) };
}

const least = {
  baseUrl: 'https://api.example',
  token: 's3cret-token',
  issue: 'POST /keys/{{place.name}}\nAuthorization: Bearer {{secret.token}}',
  issuedSecret: '/key/value',
  check: 'GET /keys/{{place.name}}',
  signIn: 'request',
  verify: 'GET /me\nAuthorization: Bearer {{field.clientSecret}}',
};

/** Answers every request with the same, and keeps what was sent. */
function answering(change: Record<string, unknown>, status: number, body: unknown = '', headers = {}) {
  const requests: HttpRequest[] = [];
  const request = async (sent: HttpRequest) => {
    requests.push(sent);
    return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
  };
  const call = callWith(http.config.parse({ ...least, ...change }), http.place.parse({ name: 'app' }), {
    http: { request },
  });
  return { call, requests };
}

const failure = (promise: Promise<unknown>) => failureOf(() => promise, /s3cret/);

const faults = (change: object) =>
  http.config
    .safeParse({ ...least, ...change })
    .error?.issues.map(({ path, message }) => `${path}: ${message}`) ?? [];

test('what it can do follows from the requests that are filled in', async () => {
  const can = (change: object) =>
    http.can(http.config.parse({ ...least, ...change }), http.place.parse({ name: 'a' }));
  expect(can({})).toMatchObject({
    maxLive: 1,
    overlap: 'none',
    chosenValue: false,
    list: false,
    tags: false,
    readBack: false,
  });
  const chosen = can({ issue: 'PUT /key\n\n{"v": "{{chosen}}"}', issuedSecret: undefined, failedSignIns: 0 });
  expect(chosen).toMatchObject({ chosenValue: true, failedSignIns: 'none' });
  const { call } = await callTo(httpWorld);
  expect(http.can(call.config, call.place)).toMatchObject({
    maxLive: 2,
    overlap: 'explicit',
    list: true,
    tags: true,
    readBack: true,
    revokeNeedsValue: false,
  });
});

test.each([
  [{ issuedSecret: undefined }, /^issuedSecret: say where/],
  [{ maxLive: 2, issuedId: '/id' }, /^revoke: is needed/],
  [{ maxLive: 2, revoke: 'DELETE /k/{{externalId}}' }, /^issuedId: is needed/],
  [{ maxLive: 2, issuedId: '/id', revoke: 'DELETE /keys' }, /^revoke: must send \{\{externalId\}\}/],
  [{ list: 'GET /keys' }, /^listedId: /],
  [{ list: 'GET /keys', listedId: '/id', listedTag: '/tag' }, /^issue: must send \{\{rotationId\}\}/],
  [{ readBack: 'GET /keys' }, /^readSecret: /],
  [{ check: undefined }, /^check: is needed/],
  [{ signIn: 'token endpoint' }, /^tokenUrl: /],
  [{ verify: undefined }, /^verify: is needed/],
  [{ issue: 'GET /keys' }, /^issue: The first line must be POST or PUT/],
  [{ list: 'DELETE /keys', listedId: '/id' }, /^list: The first line must be GET or POST/],
  [{ check: 'GET /keys/{{externalId}}' }, /^check: \{\{externalId\}\} is not known here/],
  [{ verify: 'GET /me?key={{field.clientSecret}}' }, /^verify: .*must not stand in a path/],
  [
    {
      maxLive: 2,
      issuedId: '/id',
      revoke: 'DELETE /k/{{externalId}}',
      issue: 'POST /k\n\n{"v": "{{chosen}}"}',
    },
    /^listedTag: is needed where a chosen value/,
  ],
])('settings that cannot work are refused when they are saved: %j', (change, sentence) => {
  expect(faults(change)).toEqual([expect.stringMatching(sentence)]);
});

test('revoking ends one secret and leaves its siblings', async () => {
  const { call, world } = await callTo(httpWorld);
  const { externalId, fields } = await connector.issue(call, { rotationId: 'r1' });
  await connector.revoke(call, 'first');
  expect(await connector.verify(call, world.working)).toBe('rejected');
  expect(await connector.verify(call, fields)).toBe('accepted');
  expect(await connector.listSecrets(call)).toMatchObject([{ externalId, tag: 'r1' }]);
});

test('an answer that the secret is gone counts only while it is listed no more and the credential is there', async () => {
  const wrongPath = {
    revoke: 'DELETE /admin/{{place.name}}/{{externalId}}\nAuthorization: Bearer {{secret.token}}',
  };
  const { call } = await callTo(httpWorld, wrongPath);
  expect((await failure(connector.revoke(call, 'first'))).message).toMatch(
    /still listed\. It was not revoked/,
  );
  await connector.revoke(call, 'never-was');
  const missing = { ...call, place: { ...call.place, name: 'nobody' } };
  expect((await failure(connector.revoke(missing, 'first'))).retry).toBe('never');
});

test('a full slot names the live secrets, or says so without a list', async () => {
  const { call } = await callTo(httpWorld);
  const { externalId } = await connector.issue(call, { rotationId: 'r1' });
  const error = await failure(connector.issue(call, { rotationId: 'r2' }));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain(`the secrets first, ${externalId} are live`);
  const unlisted = answering({ full: '422 /code limit' }, 422, { code: 'limit' });
  expect((await failure(connector.issue(unlisted.call, { rotationId: 'r1' }))).because).toBe('conflict');
});

test('setting a chosen value again is harmless, and an old one can be set back', async () => {
  const { call, world } = await callTo(httpChosenWorld);
  const chosen = new Plaintext('a'.repeat(43));
  for (const rotationId of ['r1', 'r2']) await connector.issue(call, { rotationId, chosen });
  expect(await connector.verify(call, { clientSecret: chosen })).toBe('accepted');
  const old = world.working.clientSecret ?? chosen;
  await connector.issue(call, { rotationId: 'r3', chosen: old });
  expect(await connector.verify(call, { clientSecret: old })).toBe('accepted');
  expect(await connector.verify(call, { clientSecret: chosen })).toBe('rejected');
});

test('one slot that keeps its id names every version apart, and is read back by that id', async () => {
  const { call, requests } = answering(
    {
      issuedId: '/key/id',
      readBack: 'GET /keys/{{externalId}}',
      readSecret: '/key/value',
    },
    200,
    { key: { id: 'only', value: 's3cret' } },
  );
  const ids = [];
  for (const rotationId of ['r1', 'r2']) ids.push((await connector.issue(call, { rotationId })).externalId);
  expect(ids).toEqual(['only#r1', 'only#r2']);
  for (const id of ['only', 'only#r2', 'only#r1#r2']) await connector.readBack(call, id);
  expect(requests.slice(-3).map(({ url }) => new URL(url).pathname)).toEqual([
    '/keys/only',
    '/keys/only',
    '/keys/only',
  ]);
});

test('a lost answer to a request that mints is unknown with every method, also where a chosen value is set', async () => {
  const lost = async (change: Record<string, unknown>, wish: object) => {
    const { call } = answering(change, 503);
    const broken = await failure(connector.issue(call, { rotationId: 'r1', ...wish }));
    const request = async () => {
      throw new HttpError('The answer was cut off; it may have taken effect.', 'unknown');
    };
    const cut = await failure(connector.issue({ ...call, http: { request } }, { rotationId: 'r1', ...wish }));
    return [broken.retry, cut.retry];
  };
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    expect(await lost({ issue: `${method} /keys` }, {})).toEqual(['unknown', 'unknown']);
  const setting = { issue: 'POST /keys\n\n{"v": "{{chosen}}"}', issuedSecret: undefined };
  expect(await lost(setting, { chosen: secret })).toEqual(['unknown', 'unknown']);
});

test('an answer of another form names the field, and the secret may have been issued', async () => {
  for (const [body, said] of [
    [{ key: {} }, 'has no field `key.value`'],
    [{ key: { value: { a: 1 } } }, 'has a field `key.value` of another form'],
    ['<html>', 'is HTML instead of JSON'],
  ] as const) {
    const error = await failure(connector.issue(answering({}, 200, body).call, { rotationId: 'r1' }));
    expect(error.retry).toBe('unknown');
    expect(error.message).toContain(said);
  }
});

test('a list of another form is never taken for an empty one', async () => {
  const list = { list: 'GET /keys', listedItems: '/data', listedId: '/id' };
  for (const [body, said] of [
    [{}, 'has no field `data`'],
    [{ data: [{ id: 'a' }, {}] }, 'has no field `data.1.id`'],
  ] as const) {
    const error = await failure(connector.listSecrets(answering(list, 200, body).call));
    expect(error.message).toContain(said);
  }
});

test('too many requests are later, after as long as the system says', async () => {
  const { call } = answering({}, 429, '', { 'retry-after': '17' });
  for (const act of [
    connector.issue(call, { rotationId: 'r1' }),
    connector.verify(call, { clientSecret: secret }),
  ])
    expect(await failure(act)).toMatchObject({ retry: 'later', retryAfterSeconds: 17 });
});

test('a tried secret is judged by the answers that are named, and by no others', async () => {
  const rules = { accepted: '200\n403 /code scope', rejected: '401\n400 /error invalid_key' };
  const judged = (status: number, body: unknown) =>
    connector.verify(answering(rules, status, body).call, { clientSecret: secret });
  expect(await judged(200, {})).toBe('accepted');
  expect(await judged(403, { code: 'scope' })).toBe('accepted');
  expect(await judged(400, { error: 'invalid_key' })).toBe('rejected');
  expect((await failure(judged(403, {}))).message).toMatch(/answered with 403, which is among neither/);
  expect((await failure(judged(500, {}))).retry).toBe('later');
});

test('a sign-in sends the client ID of the place, and the name where there is none', async () => {
  const sent = async (place: object) => {
    const { call, requests } = answering({ verify: 'GET /me/{{field.clientId}}' }, 200);
    await connector.verify({ ...call, place: http.place.parse(place) }, { clientSecret: secret });
    return requests[0]?.url;
  };
  expect(await sent({ name: 'app', clientId: 'id/1' })).toBe('https://api.example/me/id%2F1');
  expect(await sent({ name: 'app' })).toBe('https://api.example/me/app');
});

test('a version that is revoked by its value is sent the value in the body', async () => {
  const { call, requests } = answering(
    { maxLive: 2, issuedId: '/id', revoke: 'POST /revoke\n\n{"token": "{{field.clientSecret}}"}' },
    200,
  );
  expect(http.can(call.config, call.place).revokeNeedsValue).toBe(true);
  await connector.revoke(call, 'id-1', { clientSecret: secret });
  expect(requests[0]?.body).toBe('{"token":"s3cret-value"}');
});

test('check tells of a missing permission and of a list that cannot be read', async () => {
  const denied = await failure(connector.check(answering({}, 403).call));
  expect(denied).toMatchObject({ retry: 'never', because: 'permission' });
  expect(denied.message).toMatch(/has the permission for this/);
  const list = { list: 'GET /keys', listedId: '/id' };
  expect((await failure(connector.check(answering(list, 200, {}).call))).message).toMatch(/another form/);
});

test('a path of the address is kept, and a name never leaves its segment', async () => {
  const { call, requests } = answering({ baseUrl: 'https://api.example/v1/' }, 200, { key: { value: 'x' } });
  await connector.issue({ ...call, place: { name: '../admin' } }, { rotationId: 'r1' });
  expect(requests[0]?.url).toBe('https://api.example/v1/keys/..%2Fadmin');
});
