import { afterEach, expect, test } from 'vitest';
import { zitadel } from '#connectors/issuers/zitadel.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type FakeZitadel, fakeZitadel } from '#tests/fakes/zitadel.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';

const connector = zitadel as Required<typeof zitadel>;
const wish = { rotationId: 'rotation-1' };
const first = { clientId: new Plaintext('client-2001'), clientSecret: new Plaintext('first-secret') };
const fakes: FakeZitadel[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

async function there(place: Record<string, unknown> = {}) {
  const fake = await fakeZitadel();
  fakes.push(fake);
  const config = zitadel.config.parse({ baseUrl: `${fake.url}/`, token: fake.token });
  const whole = { projectId: '1001', applicationId: '2001', ...place };
  return { fake, call: callWith(config, zitadel.place.parse(whole)) };
}

const failure = (act: () => Promise<unknown>) => failureOf(act, /first-secret|first-access-token/);

test('a new secret replaces the old one at once, and nothing else changes anywhere', async () => {
  const { fake, call } = await there();
  const [app, sibling] = structuredClone(fake.applications);
  const { fields } = await connector.issue(call, wish);
  expect(fields.clientId?.expose()).toBe('client-2001');
  expect(await connector.verify(call, fields)).toBe('accepted');
  expect(await connector.verify(call, first)).toBe('rejected');
  expect(fake.applications).toEqual([{ ...app, clientSecret: fields.clientSecret?.expose() }, sibling]);
});

test('the permission that is missing is named, for reading and for writing', async () => {
  const { fake, call } = await there();
  fake.may = 'nothing';
  const read = await failure(() => connector.check(call));
  expect(read).toMatchObject({ retry: 'never', because: 'permission' });
  expect(read.message).toContain('lacks the permission project.app.read');
  fake.may = 'read';
  const write = await failure(() => connector.issue(call, wish));
  expect(write.because).toBe('permission');
  expect(write.message).toContain('lacks the permission project.app.write');
});

test.each([
  ['apiConfiguration', 'API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT'],
  ['oidcConfiguration', 'OIDC_AUTH_METHOD_TYPE_NONE'],
  ['samlConfiguration', 'OIDC_AUTH_METHOD_TYPE_BASIC'],
] as const)('an application with %s and %s has no secret, so none is generated', async (kind, type) => {
  const { fake, call } = await there();
  Object.assign(fake.application('2001'), { kind, authMethodType: type });
  for (const act of [() => connector.check(call), () => connector.issue(call, wish)]) {
    expect((await failure(act)).message).toContain('does not sign in with a secret');
  }
});

test('the project that an application really belongs to is named', async () => {
  const { call } = await there({ projectId: '9999' });
  expect((await failure(() => connector.issue(call, wish))).message).toContain(
    'belongs to the project 1001, not to 9999',
  );
});

test('an application that is not there is told from a missing permission', async () => {
  const { call } = await there({ applicationId: '404' });
  expect(await failure(() => connector.check(call))).toMatchObject({ retry: 'never', because: undefined });
});

test.each(['cut_after', 'unavailable', 'odd_json', 'html'] as const)(
  'a secret whose answer was lost to "%s" is unknown, because it is in force already',
  async (trouble) => {
    const { fake, call } = await there();
    fake.trouble = trouble;
    fake.troubled = ({ path }) => path.endsWith('/GenerateClientSecret');
    const error = await failure(() => connector.issue(call, wish));
    expect(error.retry).toBe('unknown');
    if (trouble === 'odd_json') expect(error.message).toContain('has no field `clientSecret`');
  },
);

test('an answer that does not say whether the secret is right is no verdict', async () => {
  const { fake, call } = await there();
  for (const [trouble, retry] of [
    ['odd_json', 'never'],
    ['html', 'never'],
    ['unavailable', 'later'],
    ['limited', 'later'],
  ] as const) {
    fake.trouble = trouble;
    expect((await failure(() => connector.verify(call, first))).retry).toBe(retry);
  }
});

test('a limit is kept to for as long as ZITADEL asks', async () => {
  const { fake, call } = await there();
  fake.trouble = 'limited';
  expect(await failure(() => connector.check(call))).toMatchObject({ retry: 'later', retryAfterSeconds: 7 });
});

test('browsing lists the applications with secrets by name, and no secret', async () => {
  const { fake, call } = await there();
  fake.application('2002').authMethodType = 'API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT';
  const found = await connector.browse({ ...call, place: null });
  expect(found.map(({ place, label }) => [place, label])).toEqual([
    [{ projectId: '1001', applicationId: '2001' }, 'App 2001 (client-2001)'],
  ]);
  expect(JSON.stringify(found)).not.toContain('first-secret');
});
