import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSigningSecret } from '#lib/standard-webhook.ts';

/* The function of docs/webhooks.md, as a reader pastes it into a file. */

type IsFromRekey = (secret: string, headers: Record<string, string>, body: string, now?: number) => boolean;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-snippet-'));
let isFromRekey: IsFromRekey;

beforeAll(async () => {
  const page = fs.readFileSync('docs/webhooks.md', 'utf8');
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const file = path.join(folder, 'verify.mjs');
  fs.writeFileSync(file, code);
  ({ isFromRekey } = (await import(file)) as { isFromRekey: IsFromRekey });
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const body = '{"type":"rotation.completed","timestamp":"2026-11-28T13:00:00.000Z","data":{}}';
const secret = newSigningSecret().secret.expose();
const older = newSigningSecret().secret.expose();
const at = new Date();

/** As the published library signs it, with several secrets as during a roll. */
const headersOf = (...secrets: string[]) => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  'webhook-signature': secrets.map((one) => new Webhook(one).sign('msg_1', at, body)).join(' '),
});

test('the function in docs/webhooks.md takes what the published library signs, with the first secret or a later one', () => {
  expect(isFromRekey(secret, headersOf(secret), body)).toBe(true);
  expect(isFromRekey(secret, headersOf(older, secret), body)).toBe(true);
});

test('it refuses another body, another secret, another id, no signature, and a message that is old', () => {
  const headers = headersOf(secret);
  expect(isFromRekey(secret, headers, `${body} `)).toBe(false);
  expect(isFromRekey(older, headers, body)).toBe(false);
  expect(isFromRekey(secret, { ...headers, 'webhook-id': 'msg_2' }, body)).toBe(false);
  expect(isFromRekey(secret, { ...headers, 'webhook-signature': 'v1,' }, body)).toBe(false);
  expect(isFromRekey(secret, {}, body)).toBe(false);
  expect(isFromRekey(secret, headers, body, at.getTime() + 301_000)).toBe(false);
});
