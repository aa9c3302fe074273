import { afterEach, expect, test } from 'vitest';
import { fly } from '#connectors/targets/fly.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { type FakeFly, fakeFly, flyError, flyToken } from '../worlds/fly.ts';

const fakes: FakeFly[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

const connector = fly as Required<typeof fly>;

async function shop(app = 'shop') {
  const fake = await fakeFly();
  fakes.push(fake);
  fake.secrets.set('OTHER', 'theirs');
  const config = fly.config.parse({ baseUrl: fake.url, token: flyToken });
  return { fake, call: callWith(config, fly.place.parse({ app })) };
}

const entries = { API_KEY: new Plaintext('new'), API_ID: new Plaintext('id') };

test('all entries go in one request, the others survive, and no digest is taken for a proof', async () => {
  const { call, fake } = await shop();
  await connector.deliver(call, entries, 'primary');
  expect(fake.seen).toHaveLength(1);
  expect(Object.fromEntries(fake.secrets)).toEqual({ OTHER: 'theirs', API_KEY: 'new', API_ID: 'id' });
  expect(await connector.confirm(call, entries, 'primary')).toBe('unknown');
});

test('next values are taken away with null, and nothing is sent where they are gone', async () => {
  const { call, fake } = await shop();
  await connector.deliver(call, entries, 'next');
  fake.secrets.delete('API_ID_NEXT');
  await connector.remove(call, ['API_KEY', 'API_ID'], 'next');
  expect(fake.seen.at(-1)?.body).toEqual({ values: { API_KEY_NEXT: null } });
  await connector.remove(call, ['API_KEY', 'API_ID'], 'next');
  expect(fake.seen.filter(({ method }) => method === 'POST')).toHaveLength(2);
  expect([...fake.secrets.keys()]).toEqual(['OTHER']);
});

test('Machines are replaced one after the other, with the configuration that they have, until all have the new value', async () => {
  const { call, fake } = await shop();
  const all = [fake.add(), fake.add(), fake.add()];
  const configs = JSON.stringify(all.map(({ config }) => config));
  await connector.deliver(call, entries, 'primary');
  const ref = await connector.redeploy(call);
  for (const machine of all) {
    expect(all.filter(({ state }) => state === 'replacing')).toEqual([machine]);
    expect(await connector.redeployState(call, ref)).toBe('running');
    fake.boot(machine);
    machine.checks = [{ name: 'http', status: 'warning' }];
    expect(await connector.redeployState(call, ref)).toBe('running');
    expect(all.filter(({ state }) => state === 'replacing')).toEqual([]);
    machine.checks = [{ name: 'http', status: 'passing' }];
    expect(await connector.redeployState(call, ref)).toBe(machine === all[2] ? 'done' : 'running');
  }
  expect(all.map(({ booted }) => booted.API_KEY)).toEqual(['new', 'new', 'new']);
  expect(JSON.stringify(all.map(({ config }) => config))).toBe(configs);
});

test('a host that does not have the new secrets yet is asked again, and boots no Machine with the old ones', async () => {
  const { call, fake } = await shop();
  const machine = fake.add();
  await connector.deliver(call, entries, 'primary');
  fake.lagging = 2;
  const ref = await connector.redeploy(call);
  expect(machine.state).toBe('started');
  expect(await connector.redeployState(call, ref)).toBe('running');
  expect(machine.state).toBe('started');
  expect(await connector.redeployState(call, ref)).toBe('running');
  expect(machine.state).toBe('replacing');
  fake.boot(machine);
  expect(await connector.redeployState(call, ref)).toBe('done');
  expect(machine.booted.API_KEY).toBe('new');
  expect(Object.keys(Object.fromEntries(fake.secrets))).toEqual(['OTHER', 'API_KEY', 'API_ID']);
});

test('a redeployment that was begun before an upgrade, and names no version, goes on with the new secrets', async () => {
  const { call, fake } = await shop();
  const machine = fake.add();
  await connector.deliver(call, entries, 'primary');
  const ref = JSON.stringify({ [machine.id]: machine.instance_id });
  expect(await connector.redeployState(call, ref)).toBe('running');
  fake.boot(machine);
  expect(await connector.redeployState(call, ref)).toBe('done');
  expect(machine.booted.API_KEY).toBe('new');
});

test('a Machine that fails ends the redeployment before the next one is touched', async () => {
  const { call, fake } = await shop();
  const [first, second] = [fake.add(), fake.add()];
  const ref = await connector.redeploy(call);
  first.state = 'failed';
  expect(await connector.redeployState(call, ref)).toBe('failed');
  expect(second.instance_id).toBe('instance-2');
});

test('a stopped Machine boots anew by itself, a suspended one is stopped so that it does', async () => {
  const { call, fake } = await shop();
  const stopped = fake.add('stopped');
  const suspended = fake.add('suspended');
  const ref = await connector.redeploy(call);
  expect(await connector.redeployState(call, ref)).toBe('done');
  expect(stopped.instance_id).toBe('instance-1');
  expect(suspended.state).toBe('stopped');
});

test('a Machine that somebody else replaced or destroyed meanwhile is not replaced again', async () => {
  const { call, fake } = await shop();
  const [first, second, third] = [fake.add(), fake.add(), fake.add()];
  const ref = await connector.redeploy(call);
  second.instance_id = 'by somebody else';
  fake.machines.splice(fake.machines.indexOf(third), 1);
  fake.boot(first);
  expect(await connector.redeployState(call, ref)).toBe('done');
  expect(second.instance_id).toBe('by somebody else');
});

test('an app without Machines is done at once, and a foreign reference is refused', async () => {
  const { call } = await shop();
  expect(await connector.redeployState(call, await connector.redeploy(call))).toBe('done');
  expect((await failure(() => connector.redeployState(call, 'x'))).retry).toBe('never');
  const place = { ...call.place, redeploy: false };
  expect(fly.can(call.config, place).redeploy).toBe('none');
});

test('a token is sent under the scheme it is made for, whether it was copied with it or not', async () => {
  const { call, fake } = await shop();
  const sent = [];
  for (const token of ['FlyV1 fm2_x', 'fm2_x', 'fo1_x']) {
    await failure(() =>
      connector.check({ ...call, config: { ...call.config, token: new Plaintext(token) } }),
    );
    sent.push(fake.seen.at(-1)?.headers.authorization);
  }
  expect(sent).toEqual(['FlyV1 fm2_x', 'FlyV1 fm2_x', 'Bearer fo1_x']);
});

test('a wrong token, a missing permission and an app that is not there are told apart', async () => {
  const { call, fake } = await shop('nothing');
  for (const act of [
    () => connector.check(call),
    () => connector.deliver(call, entries, 'primary'),
    () => connector.remove(call, ['API_KEY'], 'next'),
    () => connector.redeploy(call),
  ]) {
    expect((await failure(act)).message).toMatch(/knows no app nothing or does not show it/);
  }
  fake.trouble = flyError(401, 'unauthenticated');
  expect((await failure(() => connector.check(call))).message).toMatch(/does not accept the stored token/);
  fake.trouble = flyError(403, 'forbidden');
  const error = await failure(() => connector.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toMatch(/deploy token of this app/);
});

test('too many requests are later, another form names the field, a lost answer is later', async () => {
  const { call, fake } = await shop();
  fake.trouble = { ...flyError(429, 'rate limit exceeded'), headers: { 'retry-after': '3' } };
  expect(await failure(() => connector.deliver(call, entries, 'primary'))).toMatchObject({
    retry: 'later',
    retryAfterSeconds: 3,
  });
  fake.trouble = { status: 200, body: [{ id: 'm1', state: 'started' }] };
  expect((await failure(() => connector.redeploy(call))).message).toMatch(/no field `0\.instance_id`/);
  fake.trouble = 'cut_after';
  expect((await failure(() => connector.deliver(call, entries, 'primary'))).retry).toBe('later');
});
