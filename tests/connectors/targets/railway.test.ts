import { afterEach, expect, test } from 'vitest';
import { railway } from '#connectors/targets/railway.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import {
  type FakeRailway,
  fakeRailway,
  railwayError,
  railwayPlace,
  railwayToken,
} from '../worlds/railway.ts';

const fakes: FakeRailway[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = railway as Required<typeof railway>;

async function shop(place: object = {}) {
  const fake = await fakeRailway();
  fakes.push(fake);
  fake.service.set('OTHER', `\${{Postgres.URL}}`);
  const config = railway.config.parse({ baseUrl: fake.url, token: railwayToken });
  return { fake, call: callWith(config, railway.place.parse({ ...railwayPlace, ...place })) };
}

const entries = { API_KEY: new Plaintext('new'), API_ID: new Plaintext('id') };

test('one variable is written at a time and nothing is deployed by it; references of others survive', async () => {
  const { call, fake } = await shop();
  await connector.deliver(call, entries, 'primary');
  await connector.deliver(call, entries, 'next');
  await connector.remove(call, ['API_KEY', 'API_ID'], 'next');
  expect(Object.fromEntries(fake.service)).toEqual({
    OTHER: `\${{Postgres.URL}}`,
    API_KEY: 'new',
    API_ID: 'id',
  });
  expect(fake.deployments).toHaveLength(1);
  expect(await connector.confirm(call, entries, 'primary')).toBe('live');
});

test('a variable is compared as it was written, and not as Railway resolves it', async () => {
  const { call } = await shop();
  const reference = { OTHER: new Plaintext(`\${{Postgres.URL}}`) };
  expect(await connector.confirm(call, reference, 'primary')).toBe('live');
  expect(await connector.confirm(call, { OTHER: new Plaintext('resolved') }, 'primary')).toBe('pending');
});

test('no value travels in the text of a query', async () => {
  const { call, fake } = await shop();
  await connector.deliver(call, { API_KEY: new Plaintext('"} evil { x') }, 'primary');
  expect(String(fake.seen[0]?.body.query)).not.toContain('evil');
  expect(fake.service.get('API_KEY')).toBe('"} evil { x');
});

test('shared variables of the environment are others than those of a service, and redeploy none', async () => {
  const { call, fake } = await shop({ serviceId: undefined });
  fake.service.set('API_KEY', 'of the service');
  await connector.check(call);
  await connector.deliver(call, entries, 'primary');
  expect(fake.service.get('API_KEY')).toBe('of the service');
  expect(fake.shared.get('API_KEY')).toBe('new');
  expect(railway.can(call.config, call.place).redeploy).toBe('none');
});

test('a value that Railway would take for a reference is refused before anything is written', async () => {
  const { call, fake } = await shop();
  const both = { ...entries, API_ID: new Plaintext(`x\${{y`) };
  const error = await failure(() => connector.deliver(call, both, 'primary'));
  expect(error.retry).toBe('never');
  expect(error.message).toMatch(/value of API_ID/);
  expect(fake.seen).toHaveLength(0);
});

test('sealed variables are written and taken away although they are never shown', async () => {
  const { call, fake } = await shop({ sealed: true });
  for (const name of ['API_KEY', 'API_KEY_NEXT']) fake.sealed.add(name);
  await connector.deliver(call, entries, 'next');
  expect(await connector.confirm(call, entries, 'next')).toBe('unknown');
  await connector.remove(call, ['API_KEY', 'API_ID'], 'next');
  expect([...fake.service.keys()]).toEqual(['OTHER']);
});

test.each([
  [
    'Not Authorized',
    'INTERNAL_SERVER_ERROR',
    'never',
    'permission',
    /project token of this very environment/,
  ],
  ['Invalid project token', 'UNAUTHENTICATED', 'never', 'permission', /Not Authorized/],
  ['Rate limit exceeded', 'INTERNAL_SERVER_ERROR', 'later', undefined, /limits requests/],
  ['Service not found', 'INTERNAL_SERVER_ERROR', 'never', undefined, /Check the three IDs/],
  ['Problem processing request', 'INTERNAL_SERVER_ERROR', 'later', undefined, /could not process/],
  ['Something odd', 'INTERNAL_SERVER_ERROR', 'later', undefined, /could not process/],
  ['Cannot query field "x"', 'GRAPHQL_VALIDATION_FAILED', 'never', undefined, /API may have changed/],
  ['Value s3cret-value is too long', 'VALUE_TOO_LONG', 'never', undefined, /refuses it \(VALUE_TOO_LONG\)/],
] as const)(
  'the error "%s" is read although its status is 200 or 400',
  async (message, code, retry, because, words) => {
    const { call, fake } = await shop();
    for (const status of [200, 400]) {
      fake.trouble = railwayError(message, code, status);
      const error = await failure(() =>
        connector.deliver(call, { API_KEY: new Plaintext('s3cret-value') }, 'primary'),
      );
      expect(error).toMatchObject({ retry, because });
      expect(error.message).toMatch(words);
      expect(error.message).not.toContain('s3cret-value');
    }
  },
);

test('a place that is not there is told, and nothing counts as removed from it', async () => {
  const { call } = await shop({ serviceId: '44444444-4444-4444-8444-444444444444' });
  for (const act of [
    () => connector.check(call),
    () => connector.deliver(call, entries, 'primary'),
    () => connector.remove(call, ['API_KEY'], 'next'),
    () => connector.redeploy(call),
  ]) {
    expect((await failure(act)).message).toMatch(/no such project, environment or service/);
  }
});

test('a project token goes in its own header', async () => {
  const { call, fake } = await shop();
  fake.header = 'project-access-token';
  expect(await failure(() => connector.check(call))).toMatchObject({ because: 'permission' });
  await connector.check({ ...call, config: { ...call.config, tokenOf: 'project' } });
  expect(fake.seen.at(-1)?.headers.authorization).toBeUndefined();
});

test('a redeployment sees the new value, and the deployment before it is no answer', async () => {
  const { call, fake } = await shop();
  await connector.deliver(call, entries, 'primary');
  const ref = await connector.redeploy(call);
  expect(fake.deployments[0]?.saw.API_KEY).toBe('new');
  const [made] = fake.deployments.splice(0, 1);
  expect(await connector.redeployState(call, ref)).toBe('running');
  if (made) fake.deployments.unshift({ ...made, status: 'SUCCESS' });
  expect(await connector.redeployState(call, ref)).toBe('done');
});

test('a service that was never deployed waits for its first deployment, and a foreign reference is refused', async () => {
  const { call, fake } = await shop();
  fake.deployments.length = 0;
  const ref = await connector.redeploy(call);
  expect(await connector.redeployState(call, ref)).toBe('running');
  expect((await failure(() => connector.redeployState(call, 'x'))).retry).toBe('never');
});

test.each([
  ['QUEUED', 'running'],
  ['INITIALIZING', 'running'],
  ['BUILDING', 'running'],
  ['DEPLOYING', 'running'],
  ['NEEDS_APPROVAL', 'running'],
  ['SUCCESS', 'done'],
  ['SLEEPING', 'done'],
  ['FAILED', 'failed'],
  ['CRASHED', 'failed'],
  ['REMOVED', 'failed'],
])('a deployment that is %s is %s', async (status, state) => {
  const { call, fake } = await shop();
  const ref = await connector.redeploy(call);
  Object.assign(fake.deployments[0] ?? {}, { status });
  expect(await connector.redeployState(call, ref)).toBe(state);
});

test.each([
  ['SKIPPED', 'SUCCESS', 'done'],
  ['SKIPPED', 'BUILDING', 'running'],
  ['FAILED', 'SUCCESS', 'done'],
  ['FAILED', 'BUILDING', 'running'],
  ['BUILDING', 'SUCCESS', 'done'],
  ['SUCCESS', 'REMOVED', 'done'],
  ['FAILED', 'FAILED', 'failed'],
])(
  'where somebody else deploys after us and that is %s, ours that is %s is %s',
  async (status, ours, state) => {
    const { call, fake } = await shop();
    const ref = await connector.redeploy(call);
    Object.assign(fake.deployments[0] ?? {}, { status: ours });
    fake.deployments.unshift({ id: 'theirs', status, saw: {} });
    expect(await connector.redeployState(call, ref)).toBe(state);
  },
);

test('where the deployment before is listed no more, an old success is not taken for ours', async () => {
  const { call, fake } = await shop();
  const ref = await connector.redeploy(call);
  fake.deployments.splice(1, 1, { id: 'much older', status: 'SUCCESS', saw: {} });
  expect(await connector.redeployState(call, ref)).toBe('running');
});

test('status 429 is later, another form is named without any value, a lost answer is later', async () => {
  const { call, fake } = await shop();
  fake.trouble = { status: 429, headers: { 'retry-after': '9' }, body: 'Too Many Requests' };
  expect(await failure(() => connector.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 9,
  });
  fake.trouble = { status: 200, body: { data: { variables: { API_KEY: 7, OTHER: 'their-value' } } } };
  const misshapen = await failure(() => connector.confirm(call, entries, 'primary'));
  expect(misshapen.message).toMatch(/field `data\.variables\.API_KEY`/);
  expect(misshapen.message).not.toContain('their-value');
  fake.trouble = 'cut_after';
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).retry).toBe('later');
  expect(fake.service.get('API_KEY')).toBe('new');
});
