import { afterEach, expect, test } from 'vitest';
import { crc32c } from '#connectors/crc32c.ts';
import { gcpSecretManager } from '#connectors/targets/gcp-secret-manager.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { remembering } from '../remembering.ts';
import { enabled, type FakeSecretManager, fakeSecretManager } from '../worlds/gcp-secret-manager.ts';
import { googleFailure, serviceAccountKey } from '../worlds/google.ts';

const fakes: FakeSecretManager[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.api.close();
});

async function manager(place: object = {}, key = serviceAccountKey) {
  const fake = await fakeSecretManager();
  fakes.push(fake);
  const { url } = fake.api;
  const config = gcpSecretManager.config.parse({
    serviceAccountKey: key,
    tokenUrl: `${url}/token`,
    apiUrl: url,
  });
  const parsed = gcpSecretManager.place.parse({ project: 'acme', secret: 'app', ...place });
  const versions = () => fake.secrets.get(parsed.secret) ?? [];
  const newest = () => versions().at(-1)?.data.toString() ?? '';
  return { fake, call: callWith(config, parsed), versions, newest };
}

const entries = { SECRET: new Plaintext('new') };
const plain = { secret: 'one', form: 'plain' };
const connector = gcpSecretManager as Required<typeof gcpSecretManager>;

test('the checksum is CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
});

test('keys of any JSON type beside ours survive', async () => {
  const { call, newest } = await manager();
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(JSON.parse(newest())).toEqual({ OTHER: '1', SECRET: 'new', nested: { a: 1 } });
});

test('a number beside ours that would come back as another one is not written anew', async () => {
  const { fake, call, newest } = await manager();
  fake.secrets.set('app', [enabled('{"ID":12345678901234567890}')]);
  const refused = await failure(() => gcpSecretManager.deliver(call, entries, 'primary'));
  expect(refused).toMatchObject({
    retry: 'never',
    message: expect.stringContaining('put that number in quotes'),
  });
  expect(newest()).toBe('{"ID":12345678901234567890}');
});

test('what is there already adds no version, and older versions stay enabled', async () => {
  const { call, versions } = await manager();
  await gcpSecretManager.deliver(call, entries, 'primary');
  await gcpSecretManager.deliver(call, entries, 'primary');
  await connector.remove(call, ['SECRET'], 'next');
  expect(versions().map(({ state }) => state)).toEqual(['ENABLED', 'ENABLED', 'ENABLED']);
});

test('a secret may hold one plain value, which is compared first too', async () => {
  const { call, versions, newest } = await manager(plain);
  expect(await gcpSecretManager.confirm(call, entries, 'primary')).toBe('pending');
  await gcpSecretManager.deliver(call, entries, 'primary');
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(newest()).toBe('new');
  expect(versions()).toHaveLength(2);
  expect(await gcpSecretManager.confirm(call, entries, 'primary')).toBe('live');
});

test.each([{}, plain])(
  'a roll-back is written although latest still answers the version before (%o)',
  async (place) => {
    const { fake, call, versions, newest } = await manager(place);
    fake.lag = 1;
    await gcpSecretManager.deliver(call, entries, 'primary');
    const before = versions().length;
    await gcpSecretManager.deliver(call, { SECRET: new Plaintext('old') }, 'primary');
    expect(versions()).toHaveLength(before + 1);
    expect(newest()).toContain('old');
  },
);

test('a version is pending while latest, which consumers read, answers another one', async () => {
  const { fake, call } = await manager();
  await gcpSecretManager.deliver(call, entries, 'primary');
  await gcpSecretManager.deliver(call, { SECRET: new Plaintext('old') }, 'primary');
  for (const [lag, answer] of [
    [2, 'pending'],
    [1, 'pending'],
    [0, 'live'],
  ] as const) {
    fake.lag = lag;
    expect(await gcpSecretManager.confirm(call, { SECRET: new Plaintext('old') }, 'primary')).toBe(answer);
  }
});

test('a key of a version that latest does not name yet is kept', async () => {
  const { fake, call, versions, newest } = await manager();
  fake.secrets.get('app')?.push(enabled('{"THEIRS":"3"}'), enabled('{"THEIRS":"4"}'));
  fake.lag = 2;
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(JSON.parse(newest())).toEqual({ THEIRS: '4', SECRET: 'new' });
  expect(versions()).toHaveLength(5);
});

test('the first version is found while latest knows of none', async () => {
  const { fake, call, versions } = await manager({ secret: 'empty' });
  fake.lag = 1;
  await gcpSecretManager.deliver(call, entries, 'primary');
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(versions()).toHaveLength(1);
});

test('a disabled version that latest still names does not stand for the newest, and one it does not name does', async () => {
  const { fake, call, newest } = await manager();
  fake.secrets.set('app', [{ ...enabled('{}'), state: 'DISABLED' }, enabled('{"OTHER":"1"}')]);
  fake.lag = 1;
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(JSON.parse(newest())).toEqual({ OTHER: '1', SECRET: 'new' });
  fake.secrets.get('app')?.push({ ...enabled('{}'), state: 'DESTROYED' });
  const error = await failure(() => gcpSecretManager.confirm(call, entries, 'primary'));
  expect(error.message).toContain('disabled or destroyed');
});

test('a plain value has room neither for a second key nor for a next one', async () => {
  const { call, versions } = await manager(plain);
  expect(gcpSecretManager.can(call.config, call.place).holdsNext).toBe(false);
  const two = { ...entries, OTHER: new Plaintext('x') };
  const many = await failure(() => gcpSecretManager.deliver(call, two, 'primary'));
  expect(many.message).toContain('cannot hold 2 keys');
  const next = await failure(() => gcpSecretManager.deliver(call, entries, 'next'));
  expect(next.retry).toBe('never');
  await connector.remove(call, ['SECRET'], 'next');
  expect(versions()).toHaveLength(1);
});

test.each(['json', 'plain'])('a secret without versions gets its first one (%s)', async (form) => {
  const { call, versions } = await manager({ secret: 'empty', form });
  expect(await gcpSecretManager.confirm(call, entries, 'primary')).toBe('pending');
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(await gcpSecretManager.confirm(call, entries, 'primary')).toBe('live');
  expect(versions()).toHaveLength(1);
});

test('where the newest version is disabled, siblings cannot be read, so nothing is written', async () => {
  const { fake, call, versions } = await manager();
  fake.secrets.get('app')?.push({ ...enabled('{}'), state: 'DISABLED' });
  const error = await failure(() => gcpSecretManager.deliver(call, entries, 'primary'));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('disabled or destroyed');
  expect(versions()).toHaveLength(3);
});

test('a disabled plain version is followed by a new one', async () => {
  const { fake, call, newest } = await manager(plain);
  fake.secrets.get('one')?.push({ ...enabled('x'), state: 'DESTROYED' });
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(newest()).toBe('new');
});

test('what another writer added in between is kept', async () => {
  const { fake, call, newest } = await manager();
  fake.before = () => fake.secrets.get('app')?.push(enabled('{"OTHER":"2","THEIRS":"3"}'));
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(JSON.parse(newest())).toEqual({ OTHER: '2', THEIRS: '3', SECRET: 'new' });
});

test('where what another writer added in between is disabled, it says what to compare', async () => {
  const { fake, call } = await manager();
  fake.before = () => fake.secrets.get('app')?.push({ ...enabled('{}'), state: 'DISABLED' });
  const error = await failure(() => gcpSecretManager.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain('Compare the last versions there.');
});

test('where others write each time, it says what to compare', async () => {
  const { fake, call } = await manager();
  const again = () => {
    fake.secrets.get('app')?.push(enabled('{}'));
    setImmediate(() => {
      fake.before = again;
    });
  };
  fake.before = again;
  const error = await failure(() => gcpSecretManager.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
});

test('something else than an object is not overwritten', async () => {
  const { call, newest } = await manager({ secret: 'one' });
  const error = await failure(() => gcpSecretManager.deliver(call, entries, 'primary'));
  expect(error.message).toContain('projects/acme/secrets/one holds no JSON object');
  expect((await failure(() => gcpSecretManager.check(call))).retry).toBe('never');
  expect(newest()).toBe('old');
});

test('check names the permissions that the service account lacks', async () => {
  const { fake, call } = await manager();
  fake.permissions = ['secretmanager.versions.access'];
  const error = await failure(() => gcpSecretManager.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain('lacks `secretmanager.versions.add` on projects/acme/secrets/app');
});

test('a secret that does not exist is never', async () => {
  const { call } = await manager({ secret: 'missing' });
  expect((await failure(() => gcpSecretManager.check(call))).message).toContain('there is no such resource');
  expect((await failure(() => gcpSecretManager.deliver(call, entries, 'primary'))).retry).toBe('never');
});

test('a payload whose checksum does not match is not believed', async () => {
  const { fake, call } = await manager();
  const name = 'projects/123/secrets/app/versions/2';
  const body = { name, payload: { data: 'e30=', dataCrc32c: '1' } };
  fake.api.trouble = ({ path }) => (path.endsWith(':access') ? { status: 200, body } : undefined);
  const error = await failure(() => gcpSecretManager.confirm(call, entries, 'primary'));
  expect(error.retry).toBe('later');
  expect(error.message).toContain('checksum');
});

test('a lost answer is later, and the delivery sent again adds no second version', async () => {
  const { fake, call, versions } = await manager();
  fake.api.trouble = ({ path }) => (path.endsWith(':addVersion') ? 'cut after' : undefined);
  expect((await failure(() => gcpSecretManager.deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.api.trouble = () => undefined;
  await gcpSecretManager.deliver(call, entries, 'primary');
  expect(versions()).toHaveLength(3);
});

test('a used-up quota is later, when Google says', async () => {
  const { fake, call } = await manager();
  const exhausted = googleFailure(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', { 'retry-after': '30' });
  fake.api.trouble = ({ path }) => (path === '/token' ? undefined : exhausted);
  const error = await failure(() => gcpSecretManager.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'later', retryAfterSeconds: 30 });
});

test('an answer of another form is never and names the field', async () => {
  const { fake, call } = await manager();
  const body = { name: 'projects/1/secrets/app/versions/2' };
  fake.api.trouble = ({ path }) => (path.endsWith(':access') ? { status: 200, body } : undefined);
  const error = await failure(() => gcpSecretManager.confirm(call, entries, 'primary'));
  expect(error.message).toContain('`payload`');
});

test('one sign-in serves many calls', async () => {
  const { fake, call } = await manager();
  const remembered = remembering(call);
  await gcpSecretManager.check(remembered.call);
  await gcpSecretManager.deliver(remembered.call, entries, 'primary');
  expect(fake.api.asked.filter(({ path }) => path === '/token')).toHaveLength(1);
  expect(remembered.seconds).toEqual([3599]);
});

test('a key that Google no longer takes, or that is damaged, is a matter of permission', async () => {
  const { fake, call } = await manager();
  fake.api.trouble = ({ path }) =>
    path === '/token' ? { status: 400, body: { error: 'invalid_grant' } } : undefined;
  const refused = await failure(() => gcpSecretManager.check(call));
  expect(refused).toMatchObject({ retry: 'never', because: 'permission' });
  expect(refused.message).toContain('invalid_grant');
  const pem = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
  const damaged = await manager({}, JSON.stringify({ client_email: 'a@b', private_key: pem }));
  const error = await failure(() => gcpSecretManager.check(damaged.call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).not.toContain('AAAA');
});

test('what is no key file is refused as it is entered', () => {
  for (const text of ['{}', 'a-token', '{"client_email":"a","private_key":"b"}']) {
    expect(gcpSecretManager.config.safeParse({ serviceAccountKey: text }).success).toBe(false);
  }
});
