import { afterEach, expect, test } from 'vitest';
import { vercel } from '#connectors/targets/vercel.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { type FakeVercel, fakeVercel, vercelConfig, vercelError } from '../worlds/vercel.ts';

const fakes: FakeVercel[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = vercel as Required<typeof vercel>;

async function shop(place: object = {}) {
  const fake = await fakeVercel();
  fakes.push(fake);
  const config = vercel.config.parse(vercelConfig(fake));
  return { fake, call: callWith(config, vercel.place.parse({ project: 'shop', ...place })) };
}

const entries = { API_KEY: new Plaintext('new'), API_ID: new Plaintext('id') };

test('only the value is sent: type, environments and git branch of a variable stay', async () => {
  const { call, fake } = await shop();
  const production = fake.add('API_KEY', ['production'], { type: 'sensitive' });
  const preview = { ...fake.add('API_KEY', ['preview']) };
  const branch = { ...fake.add('API_KEY', ['production'], { gitBranch: 'x' }) };
  await vercel.deliver(call, entries, 'primary');
  expect(fake.variables).toEqual([
    { ...production, value: 'new' },
    preview,
    branch,
    expect.objectContaining({ key: 'API_ID', target: ['production'], type: 'encrypted', value: 'id' }),
  ]);
});

test.each([
  [['production', 'preview'], undefined, 'production, preview'],
  [['production'], ['env_custom'], 'production, env_custom'],
])(
  'a variable that another environment shares is refused before anything is written',
  async (target, custom, named) => {
    const { call, fake } = await shop();
    fake.add('API_ID', target, custom && { customEnvironmentIds: custom });
    const before = JSON.stringify(fake.variables);
    const error = await failure(() => vercel.deliver(call, entries, 'primary'));
    expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
    expect(error.message).toContain(`API_ID of shop is one variable for ${named}`);
    expect(JSON.stringify(fake.variables)).toBe(before);
  },
);

test('environments that have no variable yet get one, the others keep theirs', async () => {
  const { call, fake } = await shop({ environments: ['production', 'preview', 'development'] });
  fake.add('API_KEY', ['preview'], { type: 'plain' });
  await vercel.deliver(call, entries, 'primary');
  expect(fake.variables.filter(({ key }) => key === 'API_KEY')).toMatchObject([
    { target: ['preview'], type: 'plain', value: 'new' },
    { target: ['production', 'development'], type: 'encrypted', value: 'new' },
  ]);
  expect(await vercel.confirm(call, entries, 'primary')).toBe('live');
});

test('a sensitive variable that is there cannot be read back, and a next one beside it is sensitive too', async () => {
  const { call, fake } = await shop();
  fake.add('API_KEY', ['production'], { type: 'sensitive' });
  await vercel.deliver(call, entries, 'primary');
  await vercel.deliver(call, entries, 'next');
  expect(await vercel.confirm(call, entries, 'primary')).toBe('unknown');
  expect(fake.variables.find(({ key }) => key === 'API_KEY_NEXT')?.type).toBe('sensitive');
  const place = { ...call.place, type: 'sensitive' as const };
  expect(vercel.can(call.config, place).readBack).toBe('none');
});

test('what Vercel refuses is told by its code, and a half refused answer is a refusal', async () => {
  const { call, fake } = await shop({ environments: ['development'], type: 'sensitive' });
  const error = await failure(() => vercel.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never' });
  expect(error.message).toMatch(/400 \(bad_request\)/);
  fake.trouble = { status: 201, body: { created: {}, failed: [{ error: { code: 'x' } }] } };
  fake.troubled = ({ method }) => method === 'POST';
  expect((await failure(() => vercel.deliver(call, entries, 'primary'))).message).toMatch(
    /refused the variable/,
  );
  fake.trouble = vercelError(402, 'payment_required');
  expect((await failure(() => vercel.deliver(call, entries, 'primary'))).message).toMatch(/billing/);
});

test('an unknown token and a missing permission are told apart, a wrong team is named', async () => {
  const { call, fake } = await shop();
  const stranger = { ...call, config: { ...call.config, token: new Plaintext('other') } };
  const unknown = await failure(() => vercel.check(stranger));
  expect(unknown).toMatchObject({ retry: 'never', because: 'permission' });
  expect(unknown.message).toMatch(/does not know the stored token/);
  const elsewhere = { ...call, config: { ...call.config, teamId: undefined } };
  expect((await failure(() => vercel.check(elsewhere))).message).toMatch(/team ID/);
  fake.trouble = vercelError(403, 'forbidden');
  expect((await failure(() => vercel.check(call))).message).toMatch(/may change environment variables/);
});

test('too many requests are later, until the time that Vercel says', async () => {
  const { call, fake } = await shop();
  const headers = { 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 90) };
  fake.trouble = { ...vercelError(429, 'rate_limited'), headers };
  const error = await failure(() => vercel.deliver(call, entries, 'primary'));
  expect(error.retry).toBe('later');
  expect(error.retryAfterSeconds).toBeGreaterThan(80);
});

test('an answer of another form names the field, a lost one is later and its write can be sent again', async () => {
  const { call, fake } = await shop();
  fake.trouble = { status: 200, body: { envs: [{ id: 'x', type: 'plain' }] } };
  expect((await failure(() => vercel.check(call))).message).toMatch(/no field `envs\.0\.key`/);
  fake.trouble = 'cut_after';
  fake.troubled = ({ method }) => method === 'POST';
  expect((await failure(() => vercel.deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.trouble = 'none';
  await vercel.deliver(call, entries, 'primary');
  expect(fake.variables.map(({ key }) => key)).toEqual(['API_KEY', 'API_ID']);
});

test('a redeployment builds what production points at, and not a newer deployment that was rolled back', async () => {
  const { call, fake } = await shop();
  fake.deployments.push({ uid: 'dpl_bad', projectId: 'prj_shop', readyState: 'READY', saw: {} });
  fake.production = 'dpl_1';
  await connector.redeploy(call);
  const sent = fake.seen.find(({ path, method }) => method === 'POST' && path.includes('deployments'));
  expect(sent?.body).toMatchObject({ deploymentId: 'dpl_1' });
});

test('where new deployments are staged nothing is built, and check and redeploy say what to do', async () => {
  const { call, fake } = await shop();
  fake.autoAssignCustomDomains = false;
  const checked = await failure(() => connector.check(call));
  const built = await failure(() => connector.redeploy(call));
  expect([checked.retry, built.retry]).toEqual(['never', 'never']);
  expect(checked.message).toContain('would serve nobody until somebody promotes it');
  expect(built.message).toContain('production still runs with the old value');
  expect(fake.deployments).toHaveLength(1);
  for (const place of [{ redeploy: false }, { environments: ['preview' as const] }])
    await connector.check({ ...call, place: { ...call.place, ...place } });
});

test('a redeployment builds the latest production deployment anew, with the new value', async () => {
  const { call, fake } = await shop();
  await vercel.deliver(call, entries, 'primary');
  const ref = await connector.redeploy(call);
  expect(fake.deployments.at(-1)).toMatchObject({ uid: ref, saw: { API_KEY: 'new' } });
  const sent = fake.seen.find(({ path, method }) => method === 'POST' && path.includes('deployments'));
  expect(sent?.body).toEqual({ name: 'shop', deploymentId: 'dpl_1', target: 'production' });
});

test.each([
  ['QUEUED', undefined, 'running'],
  ['INITIALIZING', undefined, 'running'],
  ['BUILDING', undefined, 'running'],
  ['READY', 'STAGED', 'running'],
  ['READY', 'ROLLING', 'running'],
  ['READY', 'PROMOTED', 'done'],
  ['READY', undefined, 'done'],
  ['ERROR', undefined, 'failed'],
  ['CANCELED', undefined, 'failed'],
])('a deployment that is %s %s is %s', async (readyState, readySubstate, state) => {
  const { call, fake } = await shop();
  Object.assign(fake.deployments[0] ?? {}, { readyState, readySubstate });
  expect(await connector.redeployState(call, 'dpl_1')).toBe(state);
});

test('a project that was never deployed says so, and a place without production redeploys nothing', async () => {
  const { call, fake } = await shop();
  fake.deployments.length = 0;
  expect((await failure(() => connector.redeploy(call))).message).toMatch(/no production deployment/);
  expect((await failure(() => connector.redeployState(call, 'dpl_9'))).retry).toBe('never');
  const of = (place: object) => vercel.can(call.config, { ...call.place, ...place }).redeploy;
  expect([of({}), of({ redeploy: false }), of({ environments: ['preview'] })]).toEqual([
    'call',
    'none',
    'none',
  ]);
});

test('a place that names no environment is about production', () => {
  for (const place of [{ project: 'shop' }, { project: 'shop', environments: [] }])
    expect(vercel.place.parse(place).environments).toEqual(['production']);
  expect(vercel.place.safeParse({ project: 'shop', environments: ['staging'] }).success).toBe(false);
});
