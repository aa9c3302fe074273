import { afterEach, expect, test } from 'vitest';
import { azureKeyVault } from '#connectors/targets/azure-key-vault.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { remembering } from '../remembering.ts';
import { clientSecret, type FakeKeyVault, fakeKeyVault, keyVaultFailure } from '../worlds/azure-key-vault.ts';

const fakes: FakeKeyVault[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.api.close();
});

async function vault(place: object = {}, secret = clientSecret) {
  const fake = await fakeKeyVault();
  fakes.push(fake);
  const { url } = fake.api;
  const signIn = { tenantId: 'tenant-1', clientId: 'app-1', clientSecret: secret };
  const config = azureKeyVault.config.parse({ vaultUrl: url, loginUrl: url, ...signIn });
  const call = callWith(config, azureKeyVault.place.parse(place));
  return { fake, call, newest: (name: string) => fake.secrets.get(name.toLowerCase())?.at(-1) };
}

const entries = { SECRET: new Plaintext('new') };
const connector = azureKeyVault as Required<typeof azureKeyVault>;

test('a new version is tagged with ours and takes over tags and content type', async () => {
  const { call, newest } = await vault();
  await azureKeyVault.deliver(call, entries, 'primary');
  expect(newest('SECRET')).toMatchObject({
    value: 'new',
    tags: { owner: 'team-a', 'rekey-version': 'version-1' },
    contentType: 'text/plain',
  });
});

const DAY = 86_400;
const now = () => Math.floor(Date.now() / 1000);

test('a new version lives as long as the one before was to, and so does the next value that lies beside it', async () => {
  const { fake, call, newest } = await vault();
  const created = now() - 80 * DAY;
  Object.assign(newest('SECRET')?.attributes ?? {}, { created, exp: created + 90 * DAY });
  fake.demandsExpiry = true;
  await azureKeyVault.deliver(call, entries, 'next');
  await azureKeyVault.deliver(call, entries, 'primary');
  for (const name of ['SECRET', 'SECRET-NEXT'])
    expect(Math.abs((newest(name)?.attributes.exp ?? 0) - now() - 90 * DAY)).toBeLessThan(60);
});

test('a secret that does not expire gets no expiry', async () => {
  const { call, newest } = await vault();
  await azureKeyVault.deliver(call, entries, 'primary');
  expect(newest('SECRET')?.attributes.exp).toBeUndefined();
});

test('a policy that denies secrets without an expiry is no missing permission, which has the same code', async () => {
  const { fake, call, newest } = await vault();
  fake.demandsExpiry = true;
  const error = await failure(() => azureKeyVault.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: undefined });
  expect(error.message).toMatch(/A policy of the vault .* secret SECRET .* set one on the secret in Azure/);
  expect(newest('SECRET')?.value).toBe('old');
  const words = "The user, group or application 'x' does not have secrets set permission on key vault 'v'.";
  const lacking = keyVaultFailure(403, 'Forbidden', 'ForbiddenByPolicy', {}, words);
  fake.api.trouble = ({ method }) => (method === 'PUT' ? lacking : undefined);
  const other = await failure(() => azureKeyVault.deliver(call, entries, 'primary'));
  expect(other.because).toBe('permission');
  expect(other.message).toContain('lacks the permission Set on the secret SECRET (ForbiddenByPolicy)');
});

test('a secret with fifteen tags of others keeps them all', async () => {
  const { fake, call, newest } = await vault();
  const tags = Object.fromEntries(Array.from({ length: 15 }, (_none, index) => [`tag-${index}`, 'x']));
  Object.assign(fake.secrets.get('secret')?.at(-1) ?? {}, { tags });
  await azureKeyVault.deliver(call, entries, 'primary');
  expect(newest('SECRET')?.tags).toEqual(tags);
});

test('what is there already makes no new version', async () => {
  const { fake, call } = await vault();
  await azureKeyVault.deliver(call, entries, 'primary');
  await azureKeyVault.deliver({ ...call, versionId: 'version-2' }, entries, 'primary');
  expect(fake.secrets.get('secret')).toHaveLength(2);
});

test('the next value lies in KEY-NEXT, is disabled in the end, and can be set again', async () => {
  const { fake, call, newest } = await vault();
  await azureKeyVault.deliver(call, entries, 'next');
  expect(newest('SECRET-NEXT')?.value).toBe('new');
  await connector.remove(call, ['SECRET'], 'next');
  expect(newest('SECRET-NEXT')?.attributes.enabled).toBe(false);
  expect(await azureKeyVault.confirm(call, entries, 'next')).toBe('pending');
  await azureKeyVault.deliver(call, entries, 'next');
  expect(await azureKeyVault.confirm(call, entries, 'next')).toBe('live');
  expect(fake.api.asked.some(({ method }) => method === 'DELETE')).toBe(false);
});

test('a prefix goes before the name', async () => {
  const { call, newest } = await vault({ prefix: 'app1-' });
  await azureKeyVault.deliver(call, entries, 'primary');
  expect(newest('app1-SECRET')?.value).toBe('new');
  expect(newest('SECRET')?.value).toBe('old');
});

test('a key with other characters than the vault allows is refused before anything is sent', async () => {
  const { fake, call } = await vault();
  for (const key of ['CLIENT_SECRET', 'a.b', 'a b', 'ü', '', 'x'.repeat(128)]) {
    const error = await failure(() => azureKeyVault.deliver(call, { [key]: new Plaintext('1') }, 'primary'));
    expect(error.retry).toBe('never');
    expect(error.message).toContain('letters, digits and dashes');
  }
  expect(fake.api.asked).toHaveLength(0);
});

test('keys that would lie in one secret are refused', async () => {
  const { fake, call } = await vault();
  const value = new Plaintext('1');
  const sameName = { 'app-key': value, 'APP-KEY': value };
  const nextIsTaken = { KEY: value, 'KEY-NEXT': value };
  expect((await failure(() => azureKeyVault.deliver(call, sameName, 'primary'))).retry).toBe('never');
  expect((await failure(() => azureKeyVault.deliver(call, nextIsTaken, 'next'))).message).toContain(
    'KEY-NEXT',
  );
  expect(fake.api.asked).toHaveLength(0);
});

test('a name that was deleted and not purged is a conflict that says what to do', async () => {
  const { fake, call } = await vault();
  fake.deleted.add('secret');
  const error = await failure(() => azureKeyVault.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain('The secret SECRET was deleted and can still be recovered');
});

test('a secret that is being recovered is tried again later', async () => {
  const { fake, call } = await vault();
  const busy = keyVaultFailure(409, 'Conflict', 'ObjectIsBeingRecovered');
  fake.api.trouble = ({ method }) => (method === 'PUT' ? busy : undefined);
  const error = await failure(() => azureKeyVault.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'later', because: 'conflict' });
});

test.each([
  ['get', 'Get'],
  ['set', 'Set'],
] as const)('check names a missing permission to %s, and changes nothing', async (right, named) => {
  const { fake, call } = await vault();
  const before = JSON.stringify([...fake.secrets]);
  fake.granted.delete(right);
  const error = await failure(() => azureKeyVault.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain(
    `The app lacks the permission ${named} on secrets of this vault (ForbiddenByRbac)`,
  );
  fake.granted.add(right);
  await azureKeyVault.check(call);
  expect(JSON.stringify([...fake.secrets])).toBe(before);
});

test('a refused delivery names the right and the secret', async () => {
  const { fake, call } = await vault();
  fake.granted.delete('set');
  const error = await failure(() => azureKeyVault.deliver(call, entries, 'primary'));
  expect(error.message).toContain('lacks the permission Set on the secret SECRET');
});

test.each(['ForbiddenByConnection', 'ForbiddenByFirewall'])(
  'the firewall of the vault is named as what refuses: %s',
  async (code) => {
    const { fake, call } = await vault();
    const refused = keyVaultFailure(403, 'Forbidden', code);
    fake.api.trouble = ({ path }) => (path.startsWith('/secrets/') ? refused : undefined);
    const error = await failure(() => azureKeyVault.check(call));
    expect(error.because).toBe('permission');
    expect(error.message).toContain('firewall');
  },
);

test('a disabled secret is pending and followed by an enabled version', async () => {
  const { fake, call, newest } = await vault();
  Object.assign(fake.secrets.get('secret')?.at(-1)?.attributes ?? {}, { enabled: false });
  expect(await azureKeyVault.confirm(call, entries, 'primary')).toBe('pending');
  await azureKeyVault.deliver(call, entries, 'primary');
  expect(newest('SECRET')).toMatchObject({ value: 'new', attributes: { enabled: true } });
});

test('a lost answer is later, and the delivery sent again makes no second version', async () => {
  const { fake, call } = await vault();
  fake.api.trouble = ({ method }) => (method === 'PUT' ? 'cut after' : undefined);
  expect((await failure(() => azureKeyVault.deliver(call, entries, 'primary'))).retry).toBe('later');
  fake.api.trouble = () => undefined;
  await azureKeyVault.deliver(call, entries, 'primary');
  expect(fake.secrets.get('secret')).toHaveLength(2);
});

test('a throttled call is later, when the vault says', async () => {
  const { fake, call } = await vault();
  const throttled = keyVaultFailure(429, 'Throttled', undefined, { 'retry-after': '10' });
  fake.api.trouble = ({ path }) => (path.startsWith('/secrets/') ? throttled : undefined);
  const error = await failure(() => azureKeyVault.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'later', retryAfterSeconds: 10 });
});

test('an answer of another form is never and names the field', async () => {
  const { fake, call } = await vault();
  const odd = { status: 200, body: { id: 'https://v/secrets/SECRET/1' } };
  fake.api.trouble = ({ path }) => (path.startsWith('/secrets/') ? odd : undefined);
  const error = await failure(() => azureKeyVault.confirm(call, entries, 'primary'));
  expect(error.message).toContain('`value`');
});

test('a wrong client secret is a matter of permission, and one sign-in serves many calls', async () => {
  const wrong = await vault({}, 'not-the-secret');
  const error = await failure(() => azureKeyVault.check(wrong.call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).not.toContain('not-the-secret');
  const { fake, call } = await vault();
  const remembered = remembering(call);
  await azureKeyVault.check(remembered.call);
  await azureKeyVault.deliver(remembered.call, entries, 'primary');
  expect(fake.api.asked.filter(({ path }) => path.endsWith('/token'))).toHaveLength(1);
});
