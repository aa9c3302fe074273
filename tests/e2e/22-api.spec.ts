import { execFileSync } from 'node:child_process';
import { z } from 'zod';
import type { Document } from '#app/_doors/api/openapi.ts';
import { makeClient } from '#tests/app/api/client.ts';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import {
  advanceClock,
  askToken,
  expect,
  expectCurrentInUse,
  secretInFile,
  signIn,
  stack,
  test,
} from '#tests/e2e/support/stack.ts';

const made = z.object({ client_id: z.string(), client_secret: z.string() });
const token = z.object({ access_token: z.string() });

/** A client made on the command line, with a token from the token endpoint and the document that the API serves. */
async function pipeline() {
  const cli = ['cli/rekey.mjs', 'api-client', 'create', '--name', 'pipeline', '--role', 'operator', '--json'];
  const printed = execFileSync(process.execPath, cli, { env: { ...process.env, ...stack.env } });
  const { client_id: id, client_secret: secret } = made.parse(JSON.parse(String(printed)));
  const answer = await fetch(`${stack.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const authorization = `Bearer ${token.parse(await answer.json()).access_token}`;
  const document = (await (await fetch(`${stack.url}/api/v1/openapi.json`)).json()) as Document;
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${document.servers[0]?.url}${path}`, { ...init, headers: { ...init.headers, authorization } });
  return { send, call: makeClient(document, send) };
}

/** Reads a progress stream until a state satisfies; answers that one. */
async function follow(stream: Response, until: (state: Record<string, unknown>) => boolean) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split('\n\n').slice(0, -1);
    for (const frame of frames) {
      const [, data] = /^data: (.*)$/m.exec(frame) ?? [];
      const state = data === undefined ? null : (JSON.parse(data) as Record<string, unknown>);
      if (state !== null && until(state)) return state;
    }
  }
  throw new Error(`The stream ended before: ${text.slice(-500)}`);
}

test('a pipeline rotates a credential on the running stack, by nothing but the document and a token', async () => {
  const { call, send } = await pipeline();
  const { body: listed } = await call('listCredentials', { query: { limit: '100' } });
  const [row] = (listed.items as { id: string; name: string }[]).filter(({ name }) => name === 'fleet-api');
  const path = { credentialId: row?.id ?? '' };
  const old = secretInFile('fleet-api');
  const headers = { 'Idempotency-Key': 'deploy-1' };
  const body = { gracePeriod: 'PT3H', reason: 'a release' };
  const requested = await call('requestRotation', { path, body, headers });
  expect(requested.status).toBe(202);
  const again = await call('requestRotation', { path, body, headers });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.body.id).toBe(requested.body.id);

  const rotationId = String(requested.body.id);
  const accept = { accept: 'text/event-stream' };
  const stream = await send(`/rotations/${rotationId}/events`, { headers: accept });
  await follow(stream, ({ phase }) => phase === 'overlap');
  expect(secretInFile('fleet-api')).not.toBe(old);
  await expectCurrentInUse('fleet-api');
  await advanceClock('4 hours');
  const rest = await send(`/rotations/${rotationId}/events`, { headers: accept });
  expect(await follow(rest, ({ outcome }) => outcome !== null)).toMatchObject({ outcome: 'completed' });
  expect(await askToken('fleet-api', old)).toMatchObject({ status: 401 });
  expect(await askToken('fleet-api', secretInFile('fleet-api'))).toMatchObject({ status: 200 });
});

test('without a token, and with a session of the console, the API refuses', async ({ page }) => {
  await signIn(page, 'admin@example.test');
  const answer = await page.request.get(`${stack.url}/api/v1/credentials`);
  expect(answer.status()).toBe(401);
  expect(answer.headers()['www-authenticate']).toBe('Bearer realm="rekey"');
  expect(answer.headers()['content-type']).toBe('application/problem+json');
  const other = await page.request.fetch(`${stack.url}/api/v1/credentials`, { method: 'PATCH' });
  expect(other.status()).toBe(405);
  expect(other.headers().allow).toBe('GET, HEAD, POST');
});

test('the reference in the console shows every operation, and is reachable from the developer tools', async ({
  page,
}) => {
  // The longest page there is, and axe reads all of it twice.
  test.slow();
  await signIn(page, 'admin@example.test');
  await page.goto(`${stack.url}/developer-tools`);
  await page.getByRole('link', { name: 'API reference' }).click();
  await expect(page.getByRole('heading', { name: 'API reference' })).toBeVisible();
  const described = (await (await fetch(`${stack.url}/api/v1/openapi.json`)).json()) as Document;
  const names = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const shown = await page.getByRole('heading', { level: 3 }).allInnerTexts();
  expect(shown).toEqual(expect.arrayContaining(names));
  await expect(page.locator('#schema-Rotation')).toBeHidden();
  await page.getByRole('link', { name: 'Rotation', exact: true }).first().click();
  await expect(page.locator('#schema-Rotation').getByText('gap.predictedSeconds')).toBeVisible();
  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 375],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await expectAccessible(page, `the reference, ${colorScheme} at ${width}`);
  }
});
