import { afterEach, expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { type ClientSignIn, checkTokenEndpoint, probeClientCredentials } from '#connectors/token-endpoint.ts';
import { HttpError, type HttpRequest, type HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../support/call.ts';
import { type Loopback, loopback } from '../support/loopback.ts';

const servers: Loopback[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const signIn: ClientSignIn = {
  tokenUrl: 'https://issuer.example/oauth/token?tenant=s3cret',
  clientId: 'fleet api:1',
  clientSecret: new Plaintext('s3cret+/ :%ü'),
  auth: 'basic',
};

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const requests: HttpRequest[] = [];
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response: HttpResponse = { status, headers, text };
  const http = {
    request: async (request: HttpRequest) => {
      requests.push(request);
      return response;
    },
  };
  return { http, requests };
}

async function undecided(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectorError)) throw new Error('expected a ConnectorError', { cause: error });
  expect(error.message).not.toMatch(/s3cret/);
  return error;
}

test.each([
  [200, { access_token: 'a.b.c', token_type: 'Bearer' }, 'accepted'],
  [400, { error: 'invalid_scope' }, 'accepted'],
  [400, { error: 'unauthorized_client' }, 'accepted'],
  [403, { error: 'unauthorized_client' }, 'accepted'],
  [400, { error: 'unsupported_grant_type' }, 'accepted'],
  [400, { error: 'invalid_target' }, 'accepted'],
  [401, { error: 'invalid_client' }, 'rejected'],
  [400, { error: 'invalid_client' }, 'rejected'],
  [403, { error: 'invalid_client' }, 'rejected'],
])('%i %o means %s', async (status, body, verdict) => {
  expect(await probeClientCredentials(answering(status, body), signIn)).toBe(verdict);
});

test('401 with unauthorized_client is a rejection: 401 says that the client was not authenticated', async () => {
  const keycloak = answering(401, {
    error: 'unauthorized_client',
    error_description: 'Invalid client or Invalid client credentials',
  });
  expect(await probeClientCredentials(keycloak, signIn)).toBe('rejected');
});

test.each([
  [200, {}, 'answered 200 with neither a token nor an error code: check the URL.'],
  [200, { access_token: '' }, 'answered 200 with neither a token nor an error code: check the URL.'],
  [
    200,
    { error: 'invalid_client' },
    'answered 200 (invalid_client), which does not say whether the secret is right.',
  ],
  [200, '<!doctype html><p>sign in', 'answered HTML instead of JSON: check the URL.'],
  [401, '<html>', 'answered HTML instead of JSON: check the URL.'],
  [401, '', 'answered nothing instead of JSON: check the URL.'],
  [401, 'Unauthorized', 'answered other text instead of JSON: check the URL.'],
  [
    400,
    { error: 'invalid_request' },
    'answered 400 (invalid_request), which does not say whether the secret is right.',
  ],
  [
    403,
    { error: 'access_denied' },
    'answered 403 (access_denied), which does not say whether the secret is right.',
  ],
  [404, { message: 'no route' }, 'answered 404 with neither a token nor an error code: check the URL.'],
  [302, '', 'answered with a redirect (302), which is not followed: check the URL.'],
  [429, { error: 'invalid_client' }, 'is limiting requests (429): it will be asked again.'],
  [500, { error: 'invalid_client' }, 'answered 500: it is out of order, so the secret could not be tried.'],
  [503, '<html>', 'answered 503: it is out of order, so the secret could not be tried.'],
])('%i %o decides nothing and is told in one sentence', async (status, body, sentence) => {
  const error = await undecided(probeClientCredentials(answering(status, body), signIn));
  expect(error.retry).toBe('later');
  expect(error.message).toBe(`The token endpoint https://issuer.example/oauth/token ${sentence}`);
});

test('a limit on requests carries the wait that was asked for', async () => {
  const error = await undecided(probeClientCredentials(answering(429, '', { 'retry-after': '9' }), signIn));
  expect(error.retryAfterSeconds).toBe(9);
});

test('basic sends both halves form-encoded and no secret in the body', async () => {
  const call = answering(200, { access_token: 't' });
  await probeClientCredentials(call, {
    ...signIn,
    scope: 'scan read',
    audience: 'api',
    resource: 'https://api.example',
  });
  const [request] = call.requests;
  const [scheme, pair] = (request?.headers?.authorization ?? '').split(' ');
  expect(scheme).toBe('Basic');
  expect(Buffer.from(pair ?? '', 'base64').toString()).toBe('fleet+api%3A1:s3cret%2B%2F+%3A%25%C3%BC');
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
    grant_type: 'client_credentials',
    scope: 'scan read',
    audience: 'api',
    resource: 'https://api.example',
  });
});

test('post sends both halves in the body and no authorization header', async () => {
  const call = answering(200, { access_token: 't' });
  await probeClientCredentials(call, { ...signIn, auth: 'post' });
  const [request] = call.requests;
  expect(request?.headers?.authorization).toBeUndefined();
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'fleet api:1',
    client_secret: 's3cret+/ :%ü',
  });
});

test('an endpoint that cuts the answer off or is not there is tried later, one the guard refuses never', async () => {
  const server = await loopback((request) => request.socket.destroy());
  servers.push(server);
  const call = callWith({}, {});
  const at = (tokenUrl: string) => undecided(probeClientCredentials(call, { ...signIn, tokenUrl }));
  expect((await at(`${server.url}/s3cret`)).retry).toBe('later');
  await server.close();
  expect((await at(`${server.url}/s3cret`)).retry).toBe('later');
  const http = { request: () => Promise.reject(new HttpError('The guard refuses it.', 'refused')) };
  expect((await undecided(probeClientCredentials({ http }, signIn))).retry).toBe('never');
});

test('the endpoint counts as there when it refuses a request without a client in JSON', async () => {
  const call = answering(401, { error: 'invalid_client' });
  await checkTokenEndpoint(call, signIn.tokenUrl);
  expect(call.requests[0]?.headers?.authorization).toBeUndefined();
  expect(call.requests[0]?.body).toBe('grant_type=client_credentials');
  await checkTokenEndpoint(answering(400, { error: 'invalid_request' }), signIn.tokenUrl);
});

test.each([
  [200, { access_token: 'for anybody' }],
  [404, '<html>'],
  [404, { message: 'no route' }],
  [503, { error: 'down' }],
])('the endpoint does not count as there when it answers %i %o', async (status, body) => {
  expect((await undecided(checkTokenEndpoint(answering(status, body), signIn.tokenUrl))).retry).toBe('later');
});
