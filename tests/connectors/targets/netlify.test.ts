import { afterEach, expect, test } from 'vitest';
import { netlify } from '#connectors/targets/netlify.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { type FakeNetlify, fakeNetlify, netlifyError, netlifySite, netlifyToken } from '../worlds/netlify.ts';

const fakes: FakeNetlify[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = netlify as Required<typeof netlify>;

async function acme(place: object = {}) {
  const fake = await fakeNetlify();
  fakes.push(fake);
  const config = netlify.config.parse({ baseUrl: fake.url, token: netlifyToken });
  const parsed = netlify.place.parse({ account: 'acme', siteId: netlifySite, ...place });
  return { fake, call: callWith(config, parsed) };
}

const entries = { API_KEY: new Plaintext('new') };
const valuesOf = (fake: FakeNetlify, key = 'API_KEY') =>
  Object.fromEntries(
    fake.variables.find((one) => one.key === key)?.values.map(({ context, value }) => [context, value]) ?? [],
  );

test('one context changes: other contexts, scopes, secrecy and the team’s own variable stay', async () => {
  const { call, fake } = await acme();
  const shared = structuredClone(fake.add('API_KEY', { all: 'of the team' }, { site: null }));
  fake.variables.reverse();
  fake.add('API_KEY', { production: 'old', 'branch-deploy': 'branch' }, { scopes: ['builds'] });
  await netlify.deliver(call, entries, 'primary');
  expect(fake.variables[0]).toEqual(shared);
  expect(fake.variables[1]).toMatchObject({ scopes: ['builds'], is_secret: false });
  expect(fake.variables[1]?.values.map(({ value }) => value)).toEqual(['new', 'branch']);
});

test('a context without a value gets one beside the value for all', async () => {
  const { call, fake } = await acme();
  fake.add('API_KEY', { all: 'everywhere' });
  await netlify.deliver(call, entries, 'primary');
  expect(valuesOf(fake)).toEqual({ all: 'everywhere', production: 'new' });
});

test('a value for all contexts is not written where single contexts would keep the old one', async () => {
  const { call, fake } = await acme({ context: 'all', secret: false });
  fake.add('API_KEY', { all: 'everywhere', production: 'own' });
  const error = await failure(() => netlify.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toMatch(/has values of its own for production/);
  expect(valuesOf(fake)).toEqual({ all: 'everywhere', production: 'own' });
});

test('a new variable is secret as the place says, a next one as the one beside it', async () => {
  const { call, fake } = await acme({ secret: false });
  await netlify.deliver(call, entries, 'primary');
  expect(fake.variables[0]).toMatchObject({ is_secret: false });
  Object.assign(fake.variables[0] ?? {}, { is_secret: true, scopes: ['functions'] });
  await netlify.deliver(call, entries, 'next');
  expect(fake.variables[1]).toMatchObject({ key: 'API_KEY_NEXT', is_secret: true, scopes: ['functions'] });
  const secret = await acme();
  await netlify.deliver(secret.call, entries, 'primary');
  expect(secret.fake.variables[0]).toMatchObject({
    is_secret: true,
    scopes: ['builds', 'functions', 'runtime'],
  });
});

test('a secret value that is there cannot be read back, and its stars are not compared', async () => {
  const { call, fake } = await acme({ secret: false });
  fake.add('API_KEY', { production: 'new' }, { is_secret: true });
  expect(await netlify.confirm(call, entries, 'primary')).toBe('unknown');
  expect(await netlify.confirm(call, { API_KEY: new Plaintext('****') }, 'primary')).toBe('unknown');
});

test('removing a next value takes one context away and leaves those of others', async () => {
  const { call, fake } = await acme();
  fake.add('API_KEY_NEXT', { production: 'next', 'deploy-preview': 'another binding' });
  await connector.remove(call, ['API_KEY'], 'next');
  expect(valuesOf(fake, 'API_KEY_NEXT')).toEqual({ 'deploy-preview': 'another binding' });
});

test('a permission is named, a wrong token told apart, a place that is not there too', async () => {
  const { call, fake } = await acme();
  const stranger = { ...call, config: { ...call.config, token: new Plaintext('other') } };
  const unknown = await failure(() => netlify.check(stranger));
  expect(unknown).toMatchObject({ retry: 'never', because: 'permission' });
  expect(unknown.message).toMatch(/does not accept the stored token \(401\)/);
  fake.trouble = netlifyError(403, 'Forbidden');
  expect((await failure(() => netlify.check(call))).message).toMatch(/may edit environment variables/);
  fake.trouble = 'none';
  const elsewhere = { ...call, place: { ...call.place, account: 'other' } };
  for (const act of [
    () => netlify.check(elsewhere),
    () => netlify.deliver(elsewhere, entries, 'primary'),
    () => connector.remove(elsewhere, ['API_KEY'], 'next'),
  ]) {
    expect((await failure(act)).message).toMatch(/knows no project .* of team other/);
  }
});

test('too many requests are later, another form names the field, a lost answer is later and can be sent again', async () => {
  const { call, fake } = await acme({ secret: false });
  fake.trouble = { ...netlifyError(429, 'Too Many Requests'), headers: { 'x-ratelimit-reset': '20' } };
  expect(await failure(() => netlify.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 20,
  });
  fake.trouble = { status: 200, body: { key: 'API_KEY', values: [{ id: '1' }] } };
  expect((await failure(() => netlify.confirm(call, entries, 'primary'))).message).toMatch(
    /no field `values\.0\.context`/,
  );
  fake.trouble = 'cut_after';
  fake.troubled = ({ method }) => method === 'POST';
  expect((await failure(() => netlify.deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.trouble = 'none';
  await netlify.deliver(call, entries, 'primary');
  expect(fake.variables).toHaveLength(1);
});

test.each([
  ['enqueued', null, 'running'],
  ['building', null, 'running'],
  ['processing', null, 'running'],
  ['ready', null, 'running'],
  ['ready', '2026-11-25T00:00:00Z', 'done'],
  ['error', null, 'failed'],
  ['rejected', null, 'failed'],
])('a deploy that is %s, published %s, is %s', async (state, published_at, expected) => {
  const { call, fake } = await acme();
  const ref = await connector.redeploy(call);
  Object.assign(fake.deploys[0] ?? {}, { state, published_at });
  expect(await connector.redeployState(call, ref)).toBe(expected);
});

test('only a project in production is built, and secret values need a context of their own', async () => {
  const { call } = await acme();
  const of = (place: object) => netlify.can(call.config, { ...call.place, ...place }).redeploy;
  expect(of({})).toBe('call');
  expect([of({ siteId: undefined }), of({ context: 'deploy-preview' }), of({ redeploy: false })]).toEqual([
    'none',
    'none',
    'none',
  ]);
  expect(netlify.place.safeParse({ account: 'acme', context: 'all' }).success).toBe(false);
  expect((await failure(() => connector.redeployState(call, 'gone'))).retry).toBe('never');
});
