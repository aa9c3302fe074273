import { generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import { routes } from '#app/_doors/api/routes.ts';
import { apiActor, bearerChallenge } from '#app/_doors/api-actor.ts';
import { requireRole } from '#core/access/use-case.ts';
import { db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';
import { accessToken, makeApiClient } from '#tests/support/api-clients.ts';

const now = () => Math.floor(Date.now() / 1000);

function calling(authorization: string | null): Request {
  const headers = { 'x-real-ip': '192.0.2.1', ...(authorization === null ? {} : { authorization }) };
  return new Request('http://localhost:3000/api/v1/credentials', { headers });
}

const actorOf = (token: string) => apiActor(calling(`Bearer ${token}`));

async function refusal(call: Promise<unknown>): Promise<Problem> {
  const error = await call.then(
    () => 'it was let in',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Problem)) throw new Error(`That is no refusal: ${String(error)}`);
  return error;
}

test('the client of a token is the actor, with the role of its row and the token time as its proof', async () => {
  const client = await makeApiClient('operator');
  const issuedAt = now() - 60;
  expect(await actorOf(await accessToken({ clientId: client.id, issuedAt }))).toEqual({
    kind: 'api_client',
    id: client.id,
    name: client.name,
    role: 'operator',
    scope: { environments: [], labels: [] },
    stepUpAt: new Date(issuedAt * 1000),
    address: '192.0.2.1',
  });
});

test('the scheme is read in any case, as RFC 9110 has it', async () => {
  const client = await makeApiClient();
  const token = await accessToken({ clientId: client.id });
  expect(await apiActor(calling(`bearer ${token}`))).toMatchObject({ id: client.id });
});

test.each([null, '', 'Bearer', 'Basic dXNlcjpwYXNz', 'Bearer a b'])(
  'a request with %j instead of a token is refused with 401 and an address to get one from',
  async (authorization) => {
    const problem = await refusal(apiActor(calling(authorization)));
    expect(problem).toMatchObject({ status: 401, code: 'token_missing' });
    expect(problem.message).toContain('http://localhost:3000/oauth/token');
    expect(bearerChallenge(problem)).toBe('Bearer realm="rekey"');
  },
);

test.each([
  ['of another issuer', { issuer: 'https://elsewhere.example' }],
  ['for another audience', { audience: 'https://elsewhere.example/api' }],
  ['of another type', { type: 'JWT' }],
  ['that has expired', { issuedAt: now() - 700 }],
  ['for nobody', { clientId: 'not-an-id-of-a-client' }],
])('a token %s is refused with 401', async (_what, wish) => {
  const client = await makeApiClient();
  const problem = await refusal(actorOf(await accessToken({ clientId: client.id, ...wish })));
  expect(problem.status).toBe(401);
  expect(bearerChallenge(problem)).toBe('Bearer realm="rekey", error="invalid_token"');
});

test('a token with another signature is refused, and nothing of it is repeated', async () => {
  const client = await makeApiClient();
  const { privateKey } = await generateKeyPair('ES256');
  const forged = await accessToken({ clientId: client.id, key: privateKey });
  const unsigned = `${btoa('{"alg":"none","typ":"at+jwt"}')}.${forged.split('.')[1]}.`.replaceAll('=', '');
  for (const token of [forged, unsigned, 'nonsense', `${forged}x`]) {
    const problem = await refusal(actorOf(token));
    expect(problem).toMatchObject({ status: 401, code: 'invalid_token' });
    expect(problem.message).not.toContain(token);
  }
});

test("a revoked client's tokens die at once", async () => {
  const client = await makeApiClient();
  const token = await accessToken({ clientId: client.id });
  expect(await actorOf(token)).toMatchObject({ id: client.id });
  await db().pool.query('update api_clients set revoked_at = rekey_now() where id = $1', [client.id]);
  expect(await refusal(actorOf(token))).toMatchObject({ status: 401, code: 'invalid_token' });
});

test('a changed role counts for tokens that are out', async () => {
  const client = await makeApiClient('admin');
  const token = await accessToken({ clientId: client.id });
  await db().pool.query(`update api_clients set role = 'viewer' where id = $1`, [client.id]);
  expect(await actorOf(token)).toMatchObject({ role: 'viewer' });
});

test.each([
  ['admin', 'viewer'],
  ['operator', 'viewer'],
  ['approver', 'viewer'],
  ['auditor', 'auditor'],
  ['viewer', 'viewer'],
] as const)('a token of a client with the role %s that may only read acts as %s', async (role, acts) => {
  const client = await makeApiClient(role);
  const token = await accessToken({ clientId: client.id, scope: 'rekey:read' });
  expect(await actorOf(token)).toMatchObject({ role: acts });
});

test('a token of an auditor that may only read changes what a viewer may change, and looks at all that auditors see', async () => {
  const client = await makeApiClient('auditor');
  const actor = await actorOf(await accessToken({ clientId: client.id, scope: 'rekey:read' }));
  const rules = routes.map(({ rule }) => rule).filter(({ may }) => may.includes('auditor'));
  const refused = rules.filter((rule) => {
    try {
      return requireRole(actor, rule) !== undefined;
    } catch (error) {
      expect(error).toMatchObject({ status: 403, message: expect.stringContaining('rekey:write') });
      return true;
    }
  });
  expect(refused.map(({ name }) => name).toSorted()).toEqual(['create-view', 'remove-view', 'rename-view']);
});

test('a token without a scope of this API is refused with 403', async () => {
  const client = await makeApiClient();
  const problem = await refusal(actorOf(await accessToken({ clientId: client.id, scope: 'openid' })));
  expect(problem).toMatchObject({ status: 403, code: 'insufficient_scope' });
  expect(bearerChallenge(problem)).toContain('error="insufficient_scope"');
});
