import { afterEach, expect, test } from 'vitest';
import { render } from '#connectors/targets/render.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import {
  type FakeRender,
  fakeRender,
  renderError,
  renderGroup,
  renderService,
  renderToken,
} from '../worlds/render.ts';

const fakes: FakeRender[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = render as Required<typeof render>;

async function shop(place: object = {}) {
  const fake = await fakeRender();
  fakes.push(fake);
  fake.service.set('OTHER', 'theirs');
  const config = render.config.parse({ baseUrl: fake.url, token: renderToken });
  return { fake, call: callWith(config, render.place.parse({ serviceId: renderService, ...place })) };
}

const entries = { API_KEY: new Plaintext('new'), API_ID: new Plaintext('id') };

test('every key is written alone, the list as a whole never, and the others survive', async () => {
  const { call, fake } = await shop();
  await connector.deliver(call, entries, 'primary');
  await connector.deliver(call, entries, 'next');
  await connector.remove(call, ['API_KEY', 'API_ID'], 'next');
  expect(Object.fromEntries(fake.service)).toEqual({ OTHER: 'theirs', API_KEY: 'new', API_ID: 'id' });
  expect(fake.seen.filter(({ path }) => path.length < 5)).toEqual([]);
});

test('variables of a group are not those of the service that is deployed', async () => {
  const { call, fake } = await shop({ groupId: renderGroup });
  fake.service.set('API_KEY', 'of the service');
  await connector.deliver(call, entries, 'primary');
  expect(await connector.confirm(call, entries, 'primary')).toBe('live');
  expect(fake.service.get('API_KEY')).toBe('of the service');
  expect(Object.fromEntries(fake.group)).toEqual({ API_KEY: 'new', API_ID: 'id' });
  await connector.redeploy(call);
  expect(fake.seen.at(-1)?.path).toEqual(['v1', 'services', renderService, 'deploys']);
});

test('a deploy sees the new value, and one that is queued behind another is waited for although no ID is told', async () => {
  const { call, fake } = await shop();
  await connector.redeploy(call);
  await connector.deliver(call, entries, 'primary');
  const ref = await connector.redeploy(call);
  expect(fake.deploys[1]).toMatchObject({ status: 'queued', saw: { API_KEY: 'new' } });
  const [first, second] = fake.deploys;
  Object.assign(first ?? {}, { status: 'live' });
  expect(await connector.redeployState(call, ref)).toBe('running');
  Object.assign(second ?? {}, { status: 'live' });
  expect(await connector.redeployState(call, ref)).toBe('done');
  expect((await failure(() => connector.redeployState(call, 'dep-1'))).retry).toBe('never');
});

test('a deploy that a later one of somebody else has canceled is done when that one is live', async () => {
  const { call, fake } = await shop();
  const ref = await connector.redeploy(call);
  Object.assign(fake.deploys[0] ?? {}, { status: 'canceled' });
  fake.deploys.push({ id: 'dep-theirs', status: 'build_in_progress', saw: {} });
  expect(await connector.redeployState(call, ref)).toBe('running');
  Object.assign(fake.deploys[1] ?? {}, { status: 'live' });
  expect(await connector.redeployState(call, ref)).toBe('done');
});

test.each(['web_service', 'cron_job'] as const)(
  'a rotation starts the last successful build of a %s with the new values, and releases no newer commit',
  async (type) => {
    const { call, fake } = await shop();
    fake.type = type;
    await connector.deliver(call, entries, 'primary');
    await connector.redeploy(call);
    expect(fake.deploys).toMatchObject([{ commit: { id: fake.built }, saw: { API_KEY: 'new' } }]);
  },
);

test.each([
  ['live', 'build_failed', 'the one that is live'],
  ['deactivated', 'live', 'the one that is live'],
  ['live', 'build_in_progress', 'the one that is on its way'],
])('a static site is built anew from its own commit: of a %s and a %s one, %s', async (older, newer) => {
  const { call, fake } = await shop();
  fake.type = 'static_site';
  fake.deploys.push({ id: 'dep-a', status: older, saw: {}, commit: { id: 'older' } });
  fake.deploys.push({ id: 'dep-b', status: newer, saw: {}, commit: { id: 'newer' } });
  await connector.deliver(call, entries, 'primary');
  await connector.redeploy(call);
  const commit = { id: newer === 'build_failed' ? 'older' : 'newer' };
  expect(fake.deploys.at(-1)).toMatchObject({ commit, saw: { API_KEY: 'new' } });
});

test('a static site whose commit is not known is not deployed, because that would release the latest one', async () => {
  const { call, fake } = await shop();
  fake.type = 'static_site';
  const error = await failure(() => connector.redeploy(call));
  expect(error.retry).toBe('never');
  expect(error.message).toMatch(/tells no commit that is live .* deploy it in Render's dashboard/);
  expect(fake.deploys).toEqual([]);
});

test.each([
  ['created', 'running'],
  ['queued', 'running'],
  ['build_in_progress', 'running'],
  ['pre_deploy_in_progress', 'running'],
  ['update_in_progress', 'running'],
  ['live', 'done'],
  ['deactivated', 'done'],
  ['build_failed', 'failed'],
  ['update_failed', 'failed'],
  ['pre_deploy_failed', 'failed'],
  ['canceled', 'failed'],
])('a deploy that is %s is %s', async (status, state) => {
  const { call, fake } = await shop();
  const ref = await connector.redeploy(call);
  Object.assign(fake.deploys[0] ?? {}, { status });
  expect(await connector.redeployState(call, ref)).toBe(state);
});

test('a suspended service is noticed by check, and said where it is deployed', async () => {
  const { call, fake } = await shop();
  fake.suspended = true;
  expect((await failure(() => connector.check(call))).message).toMatch(/is suspended at Render/);
  const error = await failure(() => connector.redeploy(call));
  expect(error.retry).toBe('never');
  expect(error.message).toMatch(/\(400\)\. The service is suspended: resume it/);
  const silent = { ...call, place: { ...call.place, redeploy: false } };
  await connector.check(silent);
  expect(render.can(silent.config, silent.place).redeploy).toBe('none');
});

test.each([
  [{ serviceId: 'srv-nothing' }, /knows no service srv-nothing/],
  [{ groupId: 'evg-nothing' }, /knows no environment group evg-nothing/],
])('a place that is not there is named, and nothing counts as removed from it: %j', async (place, words) => {
  const { call } = await shop(place);
  for (const act of [() => connector.check(call), () => connector.remove(call, ['API_KEY'], 'next')]) {
    const error = await failure(act);
    expect(error.retry).toBe('never');
    expect(error.message).toMatch(words);
  }
});

test('a wrong key, a missing permission, a conflict and unpaid bills are told apart', async () => {
  const { call, fake } = await shop();
  fake.trouble = renderError(401, 'Unauthorized');
  expect((await failure(() => connector.check(call))).message).toMatch(/does not accept the stored token/);
  fake.trouble = renderError(403, 'Forbidden');
  const error = await failure(() => connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toMatch(/may manage this service/);
  fake.trouble = renderError(409, 'Conflict');
  expect(await failure(() => connector.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'never',
    because: 'conflict',
  });
  fake.trouble = renderError(402, 'Payment Required');
  expect((await failure(() => connector.redeploy(call))).message).toMatch(/payment details/);
});

test('too many requests are later until the reset, another form names the field, a lost answer is later', async () => {
  const { call, fake } = await shop();
  fake.trouble = { ...renderError(429, 'Too Many Requests'), headers: { 'ratelimit-reset': '42' } };
  expect(await failure(() => connector.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 42,
  });
  fake.trouble = { status: 200, body: { key: 'API_KEY' } };
  expect((await failure(() => connector.confirm(call, entries, 'primary'))).message).toMatch(
    /no field `value`/,
  );
  fake.trouble = 'cut_after';
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).retry).toBe('later');
  expect(fake.service.get('API_KEY')).toBe('new');
});
