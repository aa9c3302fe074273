import { afterEach, expect, test } from 'vitest';
import { surfacescout } from '#connectors/issuers/surfacescout.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure } from '#tests/support/failure.ts';
import { type FakeBehaviour, type FakeSurfaceScout, fakeSurfaceScout } from '../../fakes/surfacescout.ts';
import { callWith } from '../../support/call.ts';

const fakes: FakeSurfaceScout[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
});

async function scout(behaviour: Partial<FakeBehaviour> = {}, place: Record<string, unknown> = {}) {
  const fake = await fakeSurfaceScout(behaviour);
  fakes.push(fake);
  const { hasApi: _hasApi, ...own } = fake.behaviour;
  const config = surfacescout.config.parse({ baseUrl: fake.url, adminToken: fake.adminToken });
  return { fake, call: callWith(config, surfacescout.place.parse({ ...own, ...place })) };
}

const wish = { rotationId: 'rotation-1' };
const connector = surfacescout as Required<typeof surfacescout>;

test('its abilities follow from the place: one secret means no overlap', () => {
  const config = surfacescout.config.parse({ baseUrl: 'https://scout.example', adminToken: 't' });
  const of = (place: object) =>
    surfacescout.can(config, surfacescout.place.parse({ clientId: 'a', ...place }));
  expect(of({})).toMatchObject({
    maxLive: 2,
    overlap: 'explicit',
    list: true,
    readBack: false,
    chosenValue: false,
  });
  expect(of({ maxLive: 1, chosenValue: true })).toMatchObject({
    maxLive: 1,
    overlap: 'none',
    chosenValue: true,
  });
  expect(of({ maxLive: 10, propagationSeconds: 30 })).toMatchObject({
    overlap: 'explicit',
    propagationSeconds: 30,
  });
  expect(of({ overlap: 'graced' })).toMatchObject({ overlap: 'graced' });
  expect(of({ overlap: 'graced', maxLive: 1 })).toMatchObject({ overlap: 'none' });
});

test('check names every difference between the place and the server', async () => {
  const { call } = await scout({ maxLive: 1, propagationSeconds: 5 }, { maxLive: 2, propagationSeconds: 0 });
  const error = await failure(() => surfacescout.check(call));
  expect(error.retry).toBe('never');
  expect(error.message).toBe(
    'SurfaceScout treats fleet api/1 otherwise than this place says: maxLive is 1 there and 2 here, propagationSeconds is 5 there and 0 here. Correct the place.',
  );
});

test('check compares how the previous secret ends where more than one can work, and nowhere else', async () => {
  const graced = await scout({ overlap: 'graced' }, { overlap: 'explicit' });
  expect((await failure(() => surfacescout.check(graced.call))).message).toContain(
    'overlap is graced there and explicit here',
  );
  const single = await scout({ overlap: 'graced', maxLive: 1 }, { overlap: 'explicit' });
  await surfacescout.check(single.call);
});

test('check refuses a client without an API, and one that is not there', async () => {
  const { call } = await scout({ hasApi: false });
  expect((await failure(() => surfacescout.check(call))).message).toMatch(/has no API/);
  const missing = { ...call, place: { ...call.place, clientId: 'nobody' } };
  expect(await failure(() => surfacescout.check(missing))).toMatchObject({
    retry: 'never',
    because: undefined,
  });
});

test('a full slot is a conflict that names the live secrets, and nothing was issued', async () => {
  const { call, fake } = await scout({ maxLive: 2 });
  const { externalId } = await connector.issue(call, wish);
  const error = await failure(() => connector.issue(call, wish));
  expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
  expect(error.message).toContain(`the secrets first, ${externalId} are live`);
  expect(fake.live.size).toBe(2);
});

test('a chosen value is sent and given back, and a replaced secret says when it ends', async () => {
  const { call } = await scout({ maxLive: 1, chosenValue: true });
  const chosen = new Plaintext('a-value-of-our-own');
  const issued = await connector.issue(call, { ...wish, chosen });
  expect(issued.fields.clientSecret?.equals(chosen)).toBe(true);
  expect(issued.fields.clientId?.expose()).toBe('fleet api/1');
  expect(issued.previousEndsAt).toBeInstanceOf(Date);
});

test('the values it would choose are of the form that the vendor takes', async () => {
  const { call } = await scout({ maxLive: 1, chosenValue: true });
  const { alphabet, length } = connector.chosen(call.config, call.place);
  expect(new Set(alphabet).size).toBe(64);
  expect([...alphabet].slice(0, 3).concat('x'.repeat(length)).join('')).toMatch(/^[\x21-\x7e]{16,128}$/);
  expect(alphabet).toMatch(/^[\x21-\x7e]+$/);
});

test('setting the live value again is harmless, and an older one can be set back', async () => {
  const { call, fake } = await scout({ maxLive: 1, chosenValue: true });
  const old = new Plaintext(fake.live.get('first')?.value ?? '');
  const chosen = new Plaintext('a-value-of-our-own');
  const once = await connector.issue(call, { ...wish, chosen });
  const twice = await connector.issue(call, { rotationId: 'another', chosen });
  expect(twice.externalId).toBe(once.externalId);
  expect(await connector.verify(call, twice.fields)).toBe('accepted');
  const back = await connector.issue(call, { ...wish, chosen: old });
  expect(await connector.verify(call, back.fields)).toBe('accepted');
  expect(await connector.verify(call, once.fields)).toBe('rejected');
});

test('the end of the previous secret is sent, and the issuer’s own answer is what counts', async () => {
  const { call } = await scout({ overlap: 'graced' });
  const previousEndsAt = new Date('2031-05-06T07:08:09.010Z');
  expect(await connector.issue(call, { ...wish, previousEndsAt })).toMatchObject({ previousEndsAt });
});

test.each(['cut_after', 'cut', 'unavailable', 'html', 'odd_json', 'accepted'] as const)(
  'issuing with the answer lost to "%s" is unknown, so it is looked into before it is done again',
  async (trouble) => {
    const { call, fake } = await scout({ maxLive: 10 });
    fake.trouble = trouble;
    expect((await failure(() => connector.issue(call, wish))).retry).toBe('unknown');
  },
);

test('a secret issued although its answer was lost is found by its tag', async () => {
  const { call, fake } = await scout();
  fake.trouble = 'cut_after';
  await failure(() => connector.issue(call, wish));
  fake.trouble = 'none';
  const listed = await connector.listSecrets(call);
  expect(listed.map(({ tag }) => tag)).toEqual([undefined, 'rotation-1']);
});

test('revoking the last secret is a conflict', async () => {
  const { call } = await scout();
  expect(await failure(() => connector.revoke(call, 'first'))).toMatchObject({
    retry: 'never',
    because: 'conflict',
  });
});

test('only a missing secret counts as revoked: a missing client or API does not', async () => {
  const { call, fake } = await scout();
  await connector.revoke(call, 'never-was');
  const missing = { ...call, place: { ...call.place, clientId: 'nobody' } };
  expect((await failure(() => connector.revoke(missing, 'first'))).retry).toBe('never');
  fake.behaviour.hasApi = false;
  const error = await failure(() => connector.revoke(call, 'first'));
  expect(error.retry).toBe('never');
  expect(error.message).toMatch(/nothing was revoked/);
});

test('a secret that is not there cannot be read back', async () => {
  const { call } = await scout();
  expect((await failure(() => connector.readBack(call, 'never-was'))).retry).toBe('never');
});

test('an address with a path keeps it, with or without a slash at its end', async () => {
  const { call, fake } = await scout();
  const seen: string[] = [];
  const http = {
    request: async ({ url }: { url: string }) => {
      seen.push(url);
      return { status: 200, headers: {}, text: JSON.stringify(fake.behaviour) };
    },
  };
  for (const baseUrl of [
    'https://scout.example/base/',
    'https://scout.example/base',
    'https://scout.example',
  ]) {
    await surfacescout.check({ ...call, config: { ...call.config, baseUrl }, http });
  }
  expect(seen).toEqual([
    'https://scout.example/base/admin/clients/fleet%20api%2F1',
    'https://scout.example/base/admin/clients/fleet%20api%2F1',
    'https://scout.example/admin/clients/fleet%20api%2F1',
  ]);
});

test('both ways to sign in work', async () => {
  const { call, fake } = await scout();
  const fields = { clientSecret: new Plaintext(fake.live.get('first')?.value ?? '') };
  for (const auth of ['basic', 'post'] as const) {
    expect(await surfacescout.verify({ ...call, place: { ...call.place, auth } }, fields)).toBe('accepted');
  }
});

test('what it has is listed with its settings and live secrets; what has no API is left out', async () => {
  const { call } = await scout({ maxLive: 10, readBack: true, propagationSeconds: 3 });
  const found = await connector.browse({ ...call, place: null, versionId: null });
  expect(found).toEqual([
    {
      label: 'fleet api/1',
      place: {
        clientId: 'fleet api/1',
        maxLive: 10,
        overlap: 'explicit',
        chosenValue: false,
        readBack: true,
        list: true,
        propagationSeconds: 3,
      },
      secrets: [{ externalId: 'first', createdAt: expect.any(Date), lastUsedAt: null }],
    },
  ]);
  const [first] = found;
  await surfacescout.check({ ...call, place: surfacescout.place.parse(first?.place) });
});

test('a client whose secrets cannot be listed is there without any', async () => {
  const { call } = await scout({ list: false, maxLive: 1 });
  const found = await connector.browse({ ...call, place: null, versionId: null });
  expect(found).toMatchObject([{ label: 'fleet api/1', secrets: [] }]);
});

test('a list of clients in another shape is never, and names the field', async () => {
  const { call, fake } = await scout();
  fake.trouble = 'odd_json';
  const error = await failure(() => connector.browse({ ...call, place: null, versionId: null }));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('clients');
});
