import { afterEach, expect, test } from 'vitest';
import { heroku } from '#connectors/targets/heroku.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { type FakeHeroku, fakeHeroku, herokuError, herokuToken } from '../worlds/heroku.ts';

const fakes: FakeHeroku[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = heroku as Required<typeof heroku>;

async function shop(app = 'shop') {
  const fake = await fakeHeroku();
  fakes.push(fake);
  fake.vars.set('OTHER', 'their-value').set('API_ID', 'id');
  const config = heroku.config.parse({ baseUrl: fake.url, token: herokuToken });
  return { fake, call: callWith(config, heroku.place.parse({ app })) };
}

const entries = { API_KEY: new Plaintext('new'), API_ID: new Plaintext('id') };

test('only what changes is sent, in one release, and the others survive', async () => {
  const { call, fake } = await shop();
  await heroku.deliver(call, entries, 'primary');
  expect(fake.seen.at(-1)?.body).toEqual({ API_KEY: 'new' });
  expect(fake.releases).toBe(1);
  expect(Object.fromEntries(fake.vars)).toEqual({ OTHER: 'their-value', API_ID: 'id', API_KEY: 'new' });
});

test('sending the same again restarts nothing, and neither does removing what is gone', async () => {
  const { call, fake } = await shop();
  await heroku.deliver(call, entries, 'primary');
  await heroku.deliver(call, entries, 'primary');
  await connector.remove(call, ['API_KEY'], 'next');
  expect(fake.releases).toBe(1);
});

test('a next value is taken away with null, in one release, and nothing else', async () => {
  const { call, fake } = await shop();
  await heroku.deliver(call, entries, 'next');
  await connector.remove(call, ['API_KEY', 'API_ID'], 'next');
  expect(fake.seen.at(-1)?.body).toEqual({ API_KEY_NEXT: null, API_ID_NEXT: null });
  expect([...fake.vars.keys()]).toEqual(['OTHER', 'API_ID']);
  expect(fake.releases).toBe(2);
});

test('a config var of an add-on cannot be overwritten, and nothing was changed', async () => {
  const { call, fake } = await shop();
  fake.vars.set('API_KEY', 'of the add-on');
  fake.attached.add('API_KEY');
  const error = await failure(() => heroku.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: undefined });
  expect(error.message).toMatch(/Writing API_KEY to shop failed.*422, invalid_params.*add-on/);
  expect(fake.vars.get('API_KEY')).toBe('of the add-on');
});

test('an account in arrears, a missing permission and a wrong token are told apart', async () => {
  const { call, fake } = await shop();
  fake.trouble = herokuError(402, 'delinquent');
  expect((await failure(() => heroku.check(call))).message).toMatch(/402, delinquent.*billing/);
  fake.trouble = herokuError(403, 'forbidden');
  const refused = await failure(() => heroku.check(call));
  expect(refused).toMatchObject({ retry: 'never', because: 'permission' });
  expect(refused.message).toMatch(/read-protected and write-protected/);
  fake.trouble = 'none';
  const stranger = { ...call, config: { ...call.config, token: new Plaintext('other') } };
  expect((await failure(() => heroku.check(stranger))).message).toMatch(/does not accept the stored token/);
});

test('an app that is not there is named, and nothing counts as removed from it', async () => {
  const { call } = await shop('nothing');
  for (const act of [() => heroku.check(call), () => connector.remove(call, ['API_KEY'], 'next')]) {
    const error = await failure(act);
    expect(error.retry).toBe('never');
    expect(error.message).toMatch(/knows no app nothing/);
  }
});

test('too many requests are later, another form is named without any value, a lost answer is later', async () => {
  const { call, fake } = await shop();
  fake.trouble = { ...herokuError(429, 'rate_limit'), headers: { 'retry-after': '48' } };
  expect(await failure(() => heroku.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 48,
  });
  fake.trouble = { status: 200, body: { API_KEY: 7, OTHER: 'their-value' } };
  const misshapen = await failure(() => heroku.confirm(call, entries, 'primary'));
  expect(misshapen.message).toMatch(/field `API_KEY` of another form/);
  expect(misshapen.message).not.toContain('their-value');
  fake.trouble = 'cut_after';
  fake.troubled = ({ method }) => method === 'PATCH';
  expect((await failure(() => heroku.deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.trouble = 'none';
  await heroku.deliver(call, entries, 'primary');
  expect(fake.releases).toBe(1);
  expect(await heroku.confirm(call, entries, 'primary')).toBe('live');
});

test('a name that no shell takes is refused before anything is asked', async () => {
  const { call, fake } = await shop();
  const error = await failure(() => heroku.deliver(call, { 'API-KEY': new Plaintext('x') }, 'primary'));
  expect(error.message).toContain('API-KEY');
  expect(fake.seen).toHaveLength(0);
});
