import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { ClientBehaviour } from '#demo/surfacescout/behaviour.ts';
import { startSurfaceScout } from '#demo/surfacescout/start.ts';

export const adminToken = 'admin-token-of-this-test';
export const webUser = { email: 'ada@example.test', password: 'correct horse battery staple' };

const secretAnswer = z.object({
  id: z.string(),
  secret: z.string(),
  createdAt: z.string(),
  previousEndsAt: z.string().optional(),
});

/** A client that can do everything, changed where a test says so. */
export function aClient(changes: Partial<ClientBehaviour> = {}): ClientBehaviour {
  return {
    clientId: 'sample',
    maxLive: 2,
    overlap: 'explicit',
    chosenValue: false,
    readBack: true,
    list: true,
    propagationSeconds: 0,
    hasApi: true,
    ...changes,
  };
}

/** A folder that is removed when the test is over. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rekey-demo-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** SurfaceScout with one client, closed when the test is over. */
export async function aScout(changes: Partial<ClientBehaviour> = {}, path?: string) {
  const client = aClient(changes);
  const statePath = path ?? join(await aFolder(), 'state.json');
  const running = await startSurfaceScout({ port: 0, statePath, adminToken, webUser, clients: [client] });
  onTestFinished(() => running.close());
  return { ...running, statePath, client, ...callsOf(running.url, client.clientId) };
}

/** The calls a test makes about one client. */
export function callsOf(url: string, clientId: string) {
  const admin = (method: string, path: string, body?: unknown) =>
    fetch(`${url}/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const secrets = `/clients/${clientId}/secrets`;
  return {
    admin,
    issue: (body: unknown = {}) => admin('POST', secrets, body),
    issued: async (body: unknown = {}) =>
      secretAnswer.parse(await (await admin('POST', secrets, body)).json()),
    revoke: (id: string) => admin('DELETE', `${secrets}/${id}`),
    list: async () => {
      const answer = await (await admin('GET', secrets)).json();
      return z.object({ secrets: z.array(z.looseObject({ id: z.string() })) }).parse(answer).secrets;
    },
    first: async () => {
      const answer = await (await admin('GET', `/clients/${clientId}/first-secret`)).json();
      return z.object({ clientSecret: z.string(), id: z.string() }).parse(answer);
    },
    arm: (fault: object) => admin('POST', '/faults', { clientId, ...fault }),
    token: (secret: string) => tokenRequest(url, clientId, secret),
    signsIn: async (secret: string) => (await tokenRequest(url, clientId, secret)).ok,
  };
}

function tokenRequest(url: string, clientId: string, secret: string): Promise<Response> {
  const pair = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`);
  return fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${pair.toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
}

/** Asks again and again until the answer is yes; after 10 s it gives up, and the test fails. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error('The awaited state did not come within 10 s.');
}
