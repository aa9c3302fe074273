import { afterEach, expect, test } from 'vitest';
import { githubActions } from '#connectors/targets/github-actions.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { type FakeGithub, fakeGithub, githubToken } from '../worlds/github-actions.ts';

const fakes: FakeGithub[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

async function github(place: object = { owner: 'acme', repository: 'shop' }) {
  const fake = await fakeGithub();
  fakes.push(fake);
  const config = githubActions.config.parse({ baseUrl: fake.url, token: githubToken });
  return { fake, call: callWith(config, githubActions.place.parse(place)) };
}

const entries = { API_KEY: new Plaintext('ü value'), API_ID: new Plaintext('id') };
const organization = { owner: 'acme' };

test('what was sealed opens with the private key alone, and the value itself is never sent', async () => {
  const { call, fake } = await github();
  await githubActions.deliver(call, entries, 'primary');
  expect(fake.secrets.get('repos/acme/shop/actions/API_KEY')?.value).toBe('ü value');
  expect(JSON.stringify(fake.seen)).not.toContain('ü value');
  expect(await githubActions.confirm(call, entries, 'primary')).toBe('unknown');
});

test('a key that GitHub has replaced meanwhile is fetched anew, once', async () => {
  const { call, fake } = await github();
  const http = {
    request: async (request: Parameters<typeof call.http.request>[0]) => {
      const response = await call.http.request(request);
      if (request.url.endsWith('/public-key') && fake.seen.length === 1) fake.renewKey();
      return response;
    },
  };
  await githubActions.deliver({ ...call, http }, entries, 'primary');
  expect(fake.secrets.get('repos/acme/shop/actions/API_KEY')?.value).toBe('ü value');
  expect(fake.seen.filter(({ path }) => path.includes('public-key'))).toHaveLength(2);
});

test('a value refused with the newest key too ends in a sentence and not in a loop', async () => {
  const { call, fake } = await github();
  fake.trouble = { status: 422, body: { message: 'Validation Failed' } };
  fake.troubled = ({ method }) => method === 'PUT';
  const error = await failure(() => githubActions.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never' });
  expect(error.message).toMatch(/API_KEY of repository acme\/shop \(422\)/);
  expect(fake.seen.filter(({ method }) => method === 'PUT')).toHaveLength(2);
});

test.each([
  [{ 'retry-after': '37' }, 'You have exceeded a secondary rate limit.', 37],
  [{}, 'You have exceeded a secondary rate limit. Please wait a few minutes.', 60],
] as const)(
  'a secondary rate limit is later and no missing permission: %j',
  async (headers, message, wait) => {
    const { call, fake } = await github();
    fake.trouble = { status: 403, headers, body: { message } };
    for (const act of [
      () => githubActions.check(call),
      () => githubActions.deliver(call, entries, 'primary'),
      () => githubActions.remove?.(call, ['API_KEY'], 'next') ?? Promise.resolve(),
    ]) {
      expect(await failure(act)).toMatchObject({
        retry: 'later',
        because: undefined,
        retryAfterSeconds: wait,
      });
    }
  },
);

test('a spent hourly limit is later, until the time at which GitHub resets it', async () => {
  const { call, fake } = await github();
  const reset = String(Math.floor(Date.now() / 1000) + 600);
  fake.trouble = {
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
    body: { message: 'API rate limit exceeded for user ID 1.' },
  };
  const error = await failure(() => githubActions.check(call));
  expect(error.retry).toBe('later');
  expect(error.retryAfterSeconds).toBeGreaterThan(590);
});

test.each([
  [{ owner: 'acme', repository: 'shop' }, /"Secrets" repository permission \(write\)/],
  [{ owner: 'acme', repository: 'shop', environment: 'live eu/1' }, /"Environments" repository permission/],
  [organization, /"Secrets" organization permission \(write\), or the scope admin:org/],
])('a missing permission is named: %j', async (place, words) => {
  const { call, fake } = await github(place);
  fake.trouble = { status: 403, body: { message: 'Resource not accessible by integration' } };
  const error = await failure(() => githubActions.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toMatch(words);
});

test('a place that is not there or not shown says both', async () => {
  const { call } = await github({ owner: 'acme', repository: 'nothing' });
  const error = await failure(() => githubActions.check(call));
  expect(error.message).toMatch(/knows no repository acme\/nothing or does not show it/);
});

test('an organization secret keeps its visibility and every repository, over several pages', async () => {
  const { call, fake } = await github(organization);
  const selected = Array.from({ length: 130 }, (_, index) => index + 1);
  fake.secrets.set('orgs/acme/actions/API_KEY', { value: 'old', visibility: 'selected', selected });
  fake.secrets.set('orgs/acme/actions/API_ID', { value: 'old', visibility: 'all' });
  await githubActions.deliver(call, entries, 'primary');
  expect(fake.secrets.get('orgs/acme/actions/API_KEY')).toEqual({
    value: 'ü value',
    visibility: 'selected',
    selected,
  });
  expect(fake.secrets.get('orgs/acme/actions/API_ID')).toEqual({ value: 'id', visibility: 'all' });
});

test('a new organization secret is shared as the place says, a next one as the secret beside it', async () => {
  const { call, fake } = await github(organization);
  fake.secrets.set('orgs/acme/actions/API_KEY', { value: 'old', visibility: 'selected', selected: [7] });
  await githubActions.deliver(call, entries, 'next');
  expect(fake.secrets.get('orgs/acme/actions/API_KEY_NEXT')).toMatchObject({
    visibility: 'selected',
    selected: [7],
  });
  expect(fake.secrets.get('orgs/acme/actions/API_ID_NEXT')).toMatchObject({ visibility: 'private' });
  expect(fake.secrets.get('orgs/acme/actions/API_KEY')?.value).toBe('old');
});

test('an organization secret whose sharing cannot be read is not written', async () => {
  const { call, fake } = await github(organization);
  fake.secrets.set('orgs/acme/actions/API_KEY', { value: 'old', visibility: 'selected', selected: [7] });
  fake.trouble = { status: 200, body: { total_count: 2, repositories: [] } };
  fake.troubled = ({ path }) => path.includes('repositories');
  expect((await failure(() => githubActions.deliver(call, entries, 'primary'))).message).toMatch(
    /Nothing was written/,
  );
  expect(fake.secrets.get('orgs/acme/actions/API_KEY')?.value).toBe('old');
});

test.each(['api_key', '1KEY', 'GITHUB_KEY', 'A-B'])(
  'a name GitHub would not take is refused: %s',
  async (key) => {
    const { call, fake } = await github();
    const both = { ...entries, [key]: new Plaintext('x') };
    const error = await failure(() => githubActions.deliver(call, both, 'primary'));
    expect(error).toMatchObject({ retry: 'never' });
    expect(error.message).toContain(key);
    expect(fake.seen).toHaveLength(0);
  },
);

test('an answer of another form names the field, and a lost one is later', async () => {
  const { call, fake } = await github();
  fake.trouble = { status: 200, body: { key_id: '1' } };
  expect((await failure(() => githubActions.check(call))).message).toMatch(/has no field `key`/);
  fake.trouble = 'cut_after';
  expect((await failure(() => githubActions.deliver(call, entries, 'primary'))).retry).toBe('later');
});

test('a next value counts as removed only while the place itself can be seen', async () => {
  const { call } = await github({ owner: 'acme', repository: 'nothing' });
  expect(await failure(async () => githubActions.remove?.(call, ['API_KEY'], 'next'))).toMatchObject({
    retry: 'never',
  });
});

test('an address of GitHub Enterprise Server keeps its path, and an environment needs a repository', async () => {
  const { call, fake } = await github();
  const config = { ...call.config, baseUrl: `${fake.url}/api/v3/` };
  await failure(() => githubActions.check({ ...call, config }));
  expect(fake.seen[0]?.path.slice(0, 3)).toEqual(['api', 'v3', 'repos']);
  expect(githubActions.place.safeParse({ owner: 'acme', environment: 'live' }).success).toBe(false);
  expect(githubActions.config.parse({ token: 't' }).baseUrl).toBe('https://api.github.com');
});
