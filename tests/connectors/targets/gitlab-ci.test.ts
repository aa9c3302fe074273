import { afterEach, expect, test } from 'vitest';
import { gitlabCi } from '#connectors/targets/gitlab-ci.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { type FakeGitlab, fakeGitlab, gitlabToken, gitlabVariable } from '../worlds/gitlab-ci.ts';

const fakes: FakeGitlab[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

async function gitlab(place: object = {}) {
  const fake = await fakeGitlab();
  fakes.push(fake);
  const config = gitlabCi.config.parse({ baseUrl: fake.url, token: gitlabToken });
  return { fake, call: callWith(config, gitlabCi.place.parse({ id: 'acme/shop', ...place })) };
}

const entries = { API_KEY: new Plaintext('a-new-value-1') };
const deliver = gitlabCi.deliver;

test('only the value changes: masking, protection, description and kind of a variable stay', async () => {
  const { call, fake } = await gitlab({ protect: true });
  const there = gitlabVariable('API_KEY', { variable_type: 'file', description: 'ours', protected: false });
  fake.variables.push({ ...there });
  await deliver(call, entries, 'primary');
  expect(fake.variables).toEqual([{ ...there, value: 'a-new-value-1' }]);
});

test('the same key of another environment scope is another variable, and survives', async () => {
  const { call, fake } = await gitlab({ environmentScope: 'live' });
  fake.variables.push(gitlabVariable('API_KEY'), gitlabVariable('API_KEY', { environment_scope: 'live' }));
  await deliver(call, entries, 'primary');
  await deliver(call, entries, 'next');
  await gitlabCi.remove?.(call, ['API_KEY'], 'next');
  expect(fake.variables.map(({ environment_scope, value }) => [environment_scope, value])).toEqual([
    ['*', 'value of API_KEY'],
    ['live', 'a-new-value-1'],
  ]);
});

test('a new variable is as the place says and is never expanded', async () => {
  const { call, fake } = await gitlab({ environmentScope: 'live', protect: true });
  await deliver(call, entries, 'primary');
  expect(fake.variables).toMatchObject([
    { environment_scope: 'live', masked: true, hidden: false, protected: true, raw: true },
  ]);
});

test('a next value is masked, hidden and protected as the one that it lies beside', async () => {
  for (const hidden of [true, false]) {
    const { call, fake } = await gitlab({ visibility: 'visible' });
    fake.variables.push(gitlabVariable('API_KEY', { masked: true, hidden, protected: true }));
    await deliver(call, entries, 'next');
    expect(fake.variables[1]).toMatchObject({ key: 'API_KEY_NEXT', masked: true, hidden, protected: true });
  }
});

test('hidden variables cannot be read back, and that is said and not guessed', async () => {
  const { call, fake } = await gitlab({ visibility: 'hidden' });
  await deliver(call, entries, 'primary');
  expect(fake.variables).toMatchObject([{ hidden: true, masked: true }]);
  expect(gitlabCi.can(call.config, call.place).readBack).toBe('none');
  expect(await gitlabCi.confirm(call, entries, 'primary')).toBe('unknown');
  const visible = { ...call, place: { ...call.place, visibility: 'visible' as const } };
  expect(gitlabCi.can(visible.config, visible.place).readBack).toBe('value');
  expect(await gitlabCi.confirm(visible, entries, 'primary')).toBe('unknown');
});

test.each(['short', 'a value with spaces'])('a value that cannot be masked says why: %s', async (value) => {
  const { call, fake } = await gitlab();
  fake.variables.push(gitlabVariable('API_KEY', { masked: true, value: 'masked-before' }));
  for (const slot of ['primary', 'next'] as const) {
    const error = await failure(() => deliver(call, { API_KEY: new Plaintext(value) }, slot));
    expect(error).toMatchObject({ retry: 'never', because: undefined });
    expect(error.message).toMatch(/refuses the value \(400\).*at least 8 characters without spaces/);
    expect(error.message).not.toContain(value);
  }
  expect(fake.variables.map(({ value }) => value)).toEqual(['masked-before']);
});

test('a value with a $ is not written where GitLab would expand it', async () => {
  const { call, fake } = await gitlab();
  fake.variables.push(gitlabVariable('API_KEY'), gitlabVariable('RAW_KEY', { raw: true }));
  const error = await failure(() => deliver(call, { API_KEY: new Plaintext('pa$$word') }, 'primary'));
  expect(error.message).toMatch(/Expand variable reference/);
  await deliver(call, { RAW_KEY: new Plaintext('pa$$word') }, 'primary');
  expect(fake.variables.map(({ value }) => value)).toEqual(['value of API_KEY', 'pa$$word']);
});

test('check tells a token that may only read, and names scope and role', async () => {
  const { call, fake } = await gitlab();
  fake.scopes = ['read_api'];
  const error = await failure(() => gitlabCi.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toMatch(/has the scope read_api\. It needs the scope api, and the role Maintainer/);
  const written = await failure(() => deliver(call, entries, 'primary'));
  expect(written).toMatchObject({ because: 'permission' });
});

test('a project that is not there is named, and nothing counts as removed from it', async () => {
  const { call } = await gitlab({ id: 'acme/nothing' });
  for (const act of [
    () => gitlabCi.check(call),
    () => deliver(call, entries, 'primary'),
    async () => gitlabCi.remove?.(call, ['API_KEY'], 'next'),
  ]) {
    const error = await failure(act);
    expect(error.retry).toBe('never');
    expect(error.message).toMatch(/knows no project acme\/nothing or does not show it/);
  }
});

test('too many requests are later, when GitLab says; another form names the field; a lost answer is later', async () => {
  const { call, fake } = await gitlab();
  fake.trouble = { status: 429, headers: { 'retry-after': '12' }, body: 'Retry later' };
  expect(await failure(() => deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 12,
  });
  fake.trouble = { status: 200, body: { key: 'API_KEY' } };
  expect((await failure(() => gitlabCi.confirm(call, entries, 'primary'))).message).toMatch(
    /no field `value`/,
  );
  fake.trouble = 'cut_after';
  fake.troubled = ({ method }) => method === 'POST';
  expect((await failure(() => deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.trouble = 'none';
  await deliver(call, entries, 'primary');
  expect(await gitlabCi.confirm(call, entries, 'primary')).toBe('live');
});

test('a key GitLab would not take is refused before anything is written', async () => {
  const { call, fake } = await gitlab();
  const error = await failure(() => deliver(call, { 'API-KEY': new Plaintext('x') }, 'primary'));
  expect(error.message).toContain('API-KEY');
  expect(fake.seen).toHaveLength(0);
});
