import { afterEach, expect, test } from 'vitest';
import { cloudflareWorkers } from '#connectors/targets/cloudflare-workers.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import {
  cloudflareAccount,
  cloudflareError,
  cloudflareToken,
  type FakeWorkers,
  fakeWorkers,
} from '../worlds/cloudflare-workers.ts';

const fakes: FakeWorkers[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = cloudflareWorkers as Required<typeof cloudflareWorkers>;

async function worker(script = 'shop') {
  const fake = await fakeWorkers();
  fakes.push(fake);
  fake.secrets.set('OTHER', 'theirs');
  const config = cloudflareWorkers.config.parse({
    baseUrl: fake.url,
    token: cloudflareToken,
    accountId: cloudflareAccount,
  });
  return { fake, call: callWith(config, cloudflareWorkers.place.parse({ script })) };
}

const entries = { API_KEY: new Plaintext('new'), API_ID: new Plaintext('id') };

test('all entries go in one request, so that one version is deployed, and the others survive', async () => {
  const { call, fake } = await worker();
  await connector.deliver(call, entries, 'primary');
  expect(fake.versions).toBe(1);
  expect(Object.fromEntries(fake.secrets)).toEqual({ OTHER: 'theirs', API_KEY: 'new', API_ID: 'id' });
  expect(await connector.confirm(call, entries, 'primary')).toBe('unknown');
});

test('next values are taken away in one version, and none is deployed where they are gone already', async () => {
  const { call, fake } = await worker();
  await connector.deliver(call, entries, 'next');
  fake.secrets.delete('API_ID_NEXT');
  await connector.remove(call, ['API_KEY', 'API_ID'], 'next');
  expect(fake.seen.at(-1)?.body).toEqual({ secrets: { API_KEY_NEXT: null } });
  await connector.remove(call, ['API_KEY', 'API_ID'], 'next');
  expect(fake.versions).toBe(2);
  expect([...fake.secrets.keys()]).toEqual(['OTHER']);
});

test.each([
  [10215, 'conflict', /newest version of the Worker is not the one that is deployed/],
  [10053, 'conflict', /binding of another type/],
  [6003, 'permission', /cannot read the stored token/],
  [10021, undefined, /\(400, 10021\)/],
] as const)('refusal %i is told by its number', async (code, because, words) => {
  const { call, fake } = await worker();
  fake.trouble = cloudflareError(400, code);
  const error = await failure(() => connector.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because });
  expect(error.message).toMatch(words);
});

test('a name that a plain variable has is not overwritten, and no other entry was written either', async () => {
  const { call, fake } = await worker();
  fake.plain.add('API_ID');
  expect(await failure(() => connector.deliver(call, entries, 'primary'))).toMatchObject({
    because: 'conflict',
  });
  expect([...fake.secrets.keys()]).toEqual(['OTHER']);
});

test('a missing permission is named, and so is a Worker that is not there', async () => {
  const { call, fake } = await worker('nothing');
  for (const act of [
    () => connector.check(call),
    () => connector.deliver(call, entries, 'primary'),
    () => connector.remove(call, ['API_KEY'], 'next'),
  ]) {
    expect((await failure(act)).message).toMatch(/knows no Worker nothing in the account 023e/);
  }
  fake.trouble = cloudflareError(403, 10000);
  const error = await failure(() => connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toMatch(/Workers Scripts Write/);
});

test('more secrets than one request takes are refused as a whole', async () => {
  const { call, fake } = await worker();
  const many = Object.fromEntries(
    Array.from({ length: 101 }, (_, index) => [`KEY${index}`, new Plaintext('x')]),
  );
  expect((await failure(() => connector.deliver(call, many, 'primary'))).message).toMatch(/has 101/);
  expect(fake.seen).toHaveLength(0);
});

test('too many requests are later, another form names the field, a lost answer is later', async () => {
  const { call, fake } = await worker();
  fake.trouble = { ...cloudflareError(429, 10429), headers: { 'retry-after': '300' } };
  expect(await failure(() => connector.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 300,
  });
  fake.trouble = { status: 200, body: { success: false, result: null } };
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).message).toMatch(
    /field `success` of another form/,
  );
  fake.trouble = 'cut_after';
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).retry).toBe('later');
});
