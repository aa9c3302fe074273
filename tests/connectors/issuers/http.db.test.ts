import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '#core/access/actor.ts';
import { changeIssuer } from '#core/issuers/change-issuer.ts';
import { type RunningSurfaceScout, startSurfaceScout } from '#demo/surfacescout/start.ts';
import { db } from '#lib/db.ts';
import { rotateFully } from '#tests/interop/rotate-fully.ts';
import { chosenRequests, slotRequests } from '../worlds/http.ts';
import { httpKeyStore } from '../worlds/http-target.ts';

/* Both connectors of the kind `http`, through the whole engine, against the sample vendor. */

const api = { readBack: true, list: true, propagationSeconds: 0, hasApi: true };
const token = 'sample-admin-token';
const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
let folder: string;
let scout: RunningSurfaceScout;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-http-'));
  scout = await startSurfaceScout({
    port: 0,
    statePath: path.join(folder, 'state.json'),
    adminToken: token,
    webUser: { email: 'ops@example.test', password: 'sample-password' },
    clients: [
      { ...api, clientId: 'two-slots', maxLive: 2, chosenValue: false },
      { ...api, clientId: 'sibling', maxLive: 2, chosenValue: false },
      { ...api, clientId: 'single-chosen', maxLive: 1, chosenValue: true, list: false },
    ],
  });
});

afterAll(async () => {
  await scout.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function firstSecret(clientId: string): Promise<string> {
  const address = `${scout.url}/admin/clients/${encodeURIComponent(clientId)}/first-secret`;
  const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  return ((await answer.json()) as { clientSecret: string }).clientSecret;
}

async function works(clientId: string, secret = ''): Promise<boolean> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
  });
  const answer = await fetch(`${scout.url}/oauth/token`, { method: 'POST', body });
  return answer.ok;
}

test('two rotations in a row with requests of one’s own: with two slots, and with one and a chosen value', async () => {
  const sibling = await firstSecret('sibling');
  const config = { baseUrl: scout.url, token };
  for (const [clientId, requests] of [
    ['two-slots', slotRequests(scout.url)],
    ['single-chosen', chosenRequests()],
  ] as const) {
    const clientSecret = await firstSecret(clientId);
    const now = await rotateFully({
      issuer: { kind: 'http', config: { ...config, ...requests }, place: { name: clientId } },
      fields: { clientSecret },
    });
    expect(await works(clientId, now.clientSecret)).toBe(true);
    expect(await works(clientId, clientSecret)).toBe(false);
  }
  expect(await works('sibling', sibling)).toBe(true);
});

test('an issuer that holds two secrets is not made one that replaces its only one: what is stored of secrets revokes none there', async () => {
  const [credential] = await db()
    .pool.query<{ issuer: string }>(
      `select issuer_id as issuer from credentials where place->>'name' = 'two-slots' limit 1`,
    )
    .then(({ rows }) => rows);
  const change = (requests: object) =>
    changeIssuer(admin, {
      issuerId: credential?.issuer ?? '',
      config: { baseUrl: scout.url, token, ...requests },
    });
  const refused = change({ ...slotRequests(scout.url), maxLive: 1 });
  await expect(refused).rejects.toMatchObject({ status: 409, code: 'other_strategy' });
  await change(slotRequests(scout.url));
});

test('a rotation delivers through requests of one’s own and reads there what it delivered', async () => {
  const store = await httpKeyStore();
  const clientSecret = await firstSecret('sibling');
  const now = await rotateFully({
    issuer: {
      kind: 'http',
      config: {
        baseUrl: scout.url,
        token,
        ...slotRequests(scout.url),
      },
      place: { name: 'sibling' },
    },
    fields: { clientSecret },
    target: {
      kind: 'http',
      config: store.perKey,
      place: { name: 'app/1' },
      fields: { clientSecret: 'SECRET' },
    },
  });
  expect(store.kept.get('SECRET')).toBe(now.clientSecret);
  expect(store.kept.get('OTHER')).toBe('1');
  await store.close();
});
