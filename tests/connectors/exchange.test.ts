import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { type Expectation, exchange, retryAfter } from '#connectors/exchange.ts';
import { type Http, HttpError, type HttpRequest, type HttpResponse } from '#lib/http.ts';
import { callWith } from '../support/call.ts';
import { type Loopback, loopback } from '../support/loopback.ts';

const servers: Loopback[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const request: HttpRequest = { method: 'GET', url: 'https://issuer.example/admin/clients/x?key=s3cret' };
const post: HttpRequest = { ...request, method: 'POST', body: 's3cret' };
const shape = z.object({ secret: z.string(), list: z.array(z.object({ id: z.string() })).optional() });

function answering(status: number, text: string, headers: Record<string, string> = {}): { http: Http } {
  const response: HttpResponse = { status, headers, text };
  return { http: { request: async () => response } };
}

function failing(kind: HttpError['kind']): { http: Http } {
  return {
    http: { request: () => Promise.reject(new HttpError('issuer.example:443 did something.', kind)) },
  };
}

async function failure(
  call: { http: Http },
  sent: HttpRequest = request,
  more: Partial<Expectation> = {},
): Promise<ConnectorError> {
  const expectation = { ok: [200], schema: shape, what: 'Reading the client x', ...more };
  const error = await exchange(call, sent, expectation).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectorError) return error;
  throw new Error('expected a ConnectorError', { cause: error });
}

test('a listed status gives the parsed body, and nothing where no schema is asked for', async () => {
  const call = answering(200, '{"secret":"a","more":1}');
  expect(await exchange(call, request, { ok: [200], schema: shape, what: 'Reading' })).toEqual({
    secret: 'a',
  });
  expect(await exchange(answering(204, ''), request, { ok: [204, 404], what: 'Deleting' })).toBeUndefined();
  expect(
    await exchange(answering(404, '<html>'), request, { ok: [204, 404], what: 'Deleting' }),
  ).toBeUndefined();
});

test.each([401, 403])('%i is never, because of permission', async (status) => {
  const error = await failure(answering(status, '{"error":"insufficient_scope"}'));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toBe(
    `Reading the client x failed: issuer.example answered ${status} (insufficient_scope). Check that the stored sign-in is right and has the permission for this.`,
  );
});

test('409 is never, because of a conflict', async () => {
  expect(await failure(answering(409, '{}'))).toMatchObject({ retry: 'never', because: 'conflict' });
});

test.each([400, 404, 405, 422, 301, 302, 307])('%i is never', async (status) => {
  const error = await failure(answering(status, '{}', { location: 'https://s3cret.example' }), post);
  expect(error).toMatchObject({ retry: 'never', because: undefined });
  expect(error.message).not.toMatch(/s3cret/);
});

test('429 is later for every method, with the wait that was asked for', async () => {
  for (const sent of [request, post]) {
    const error = await failure(answering(429, '', { 'retry-after': '17' }), sent);
    expect(error).toMatchObject({ retry: 'later', retryAfterSeconds: 17 });
  }
});

test.each([500, 502, 503, 504])(
  '%i is later for what may be repeated and unknown for what may not',
  async (status) => {
    const down = answering(status, 'oops', { 'retry-after': '5' });
    expect(await failure(down)).toMatchObject({ retry: 'later', retryAfterSeconds: 5 });
    expect(await failure(down, { ...request, method: 'PUT' })).toMatchObject({ retry: 'later' });
    expect(await failure(down, { ...request, method: 'DELETE' })).toMatchObject({ retry: 'later' });
    expect(await failure(down, post)).toMatchObject({ retry: 'unknown' });
    expect(await failure(down, { ...post, method: 'PATCH' })).toMatchObject({ retry: 'unknown' });
    expect(await failure(down, post, { repeatable: true })).toMatchObject({ retry: 'later' });
    const setting = { ...request, method: 'PUT' } as const;
    expect(await failure(down, setting, { repeatable: false })).toMatchObject({ retry: 'unknown' });
  },
);

test('a success of another kind than documented is unknown for what may not be repeated', async () => {
  expect(await failure(answering(202, ''), post)).toMatchObject({ retry: 'unknown' });
  expect(await failure(answering(202, ''), { ...request, method: 'DELETE' })).toMatchObject({
    retry: 'later',
  });
});

test('a refusal of the guard is never, not sent is later, a lost answer depends on the method', async () => {
  expect(await failure(failing('refused'), post)).toMatchObject({ retry: 'never' });
  expect(await failure(failing('not_sent'), post)).toMatchObject({ retry: 'later' });
  expect(await failure(failing('unknown'), post)).toMatchObject({ retry: 'unknown' });
  expect(await failure(failing('unknown'))).toMatchObject({ retry: 'later' });
  expect((await failure(failing('not_sent'))).message).toBe(
    'Reading the client x failed. issuer.example:443 did something.',
  );
});

test('HTML instead of JSON is never and says so', async () => {
  const page = '<!doctype html><title>s3cret</title>';
  const error = await failure(answering(200, page));
  expect(error.retry).toBe('never');
  expect(error.message).toBe('The answer of /admin/clients/x is HTML instead of JSON: check the address.');
  const typed = await failure(answering(200, '<p>s3cret', { 'content-type': 'text/html; charset=utf-8' }));
  expect(typed.message).toMatch(/is HTML instead of JSON/);
});

test('an answer of another form is never and names the field that is wrong, never its value', async () => {
  const cases: [string, RegExp][] = [
    ['{"other":"s3cret"}', /The answer of \/admin\/clients\/x has no field `secret`\./],
    ['{"secret":5}', /has a field `secret` of another form/],
    ['{"secret":"s3cret","list":[{"id":1}]}', /has a field `list.0.id` of another form/],
    ['{"secret":"s3cret","list":[{}]}', /has no field `list.0.id`/],
    ['["s3cret"]', /is JSON of another form/],
    ['null', /is JSON of another form/],
    ['', /is empty instead of JSON/],
    ['s3cret', /is other text instead of JSON/],
  ];
  for (const [text, sentence] of cases) {
    const error = await failure(answering(200, text));
    expect(error.retry).toBe('never');
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toMatch(/s3cret/);
  }
});

test('a changing request that succeeded with an unreadable answer is unknown, because it took effect', async () => {
  const error = await failure(answering(200, '{"id":"7"}'), post);
  expect(error.retry).toBe('unknown');
  expect(error.message).toBe(
    'The answer of /admin/clients/x has no field `secret`. Reading the client x may have taken effect.',
  );
});

test.each([
  ['{"error":"s3cret value with spaces"}'],
  ['{"error":"S3CRET"}'],
  [`{"error":"${'s3cret'.repeat(11)}"}`],
  ['{"error":{"code":"s3cret"}}'],
  ['{"error_description":"s3cret"}'],
  ['s3cret'],
])('text of the other side is not quoted unless it is a short error code: %s', async (text) => {
  expect((await failure(answering(400, text))).message).not.toMatch(/s3cret/i);
});

test('Retry-After is read as seconds or as a date, and kept within a day', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const of = (value?: string) =>
    retryAfter({ status: 429, text: '', headers: value === undefined ? {} : { 'retry-after': value } }, now);
  expect(of('120')).toEqual({ retryAfterSeconds: 120 });
  expect(of('Mon, 23 Nov 2026 12:01:30 GMT')).toEqual({ retryAfterSeconds: 90 });
  expect(of('Mon, 23 Nov 2026 11:00:00 GMT')).toEqual({ retryAfterSeconds: 0 });
  expect(of('999999999')).toEqual({ retryAfterSeconds: 86_400 });
  expect(of('soon')).toEqual({});
  expect(of('')).toEqual({});
  expect(of()).toEqual({});
});

test('over a real socket a POST cut off after sending is unknown, a GET later, and headers arrive', async () => {
  let seen: IncomingHttpHeaders = {};
  const server = await loopback((incoming) => {
    seen = incoming.headers;
    incoming.socket.destroy();
  });
  servers.push(server);
  const call = callWith({}, {});
  const headers = { authorization: 'Bearer s3cret' };
  const lost = await failure(call, {
    method: 'POST',
    url: `${server.url}/?q=s3cret`,
    headers,
    body: 's3cret',
  });
  expect(lost.retry).toBe('unknown');
  expect(`${lost.message}${lost.stack}`).not.toMatch(/s3cret/);
  expect(seen.authorization).toBe('Bearer s3cret');
  expect((await failure(call, { method: 'GET', url: server.url })).retry).toBe('later');
});
