import { beforeEach, expect, test } from 'vitest';
import type { Actor } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { listIssuerKinds } from '#core/issuers/list-issuer-kinds.ts';
import { listIssuers } from '#core/issuers/list-issuers.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';
import { auditBodies } from '#tests/support/users.ts';

const canary = 'canary-7f3a-admin-token';
const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
const wish = {
  name: 'Scout',
  kind: 'surfacescout',
  config: { baseUrl: 'http://127.0.0.1:4000', adminToken: canary },
};

beforeEach(async () => {
  await db().prisma.issuer.deleteMany();
});

const rows = () => db().prisma.issuer.findMany();
const everything = async () => JSON.stringify([await rows(), await auditBodies('issuer.created')]);

test('the secrets of an issuer are sealed, and stand in no row and no event', async () => {
  const { id } = await addIssuer(admin, wish);
  const [row] = await rows();
  expect(row?.config).toEqual({ baseUrl: 'http://127.0.0.1:4000' });
  const opened = openFields({ table: 'issuers', id, field: 'sealed' }, row?.sealed ?? null);
  expect(opened.adminToken?.expose()).toBe(canary);
  expect(await everything()).not.toContain(canary);
  expect((await auditBodies('issuer.created')).at(-1)).toMatchObject({ id, name: 'Scout' });
});

test('a list of issuers holds neither secrets nor what is sealed', async () => {
  await addIssuer(admin, wish);
  const listed = await listIssuers(admin, {});
  expect(listed).toMatchObject([
    { name: 'Scout', title: 'SurfaceScout (sample)', health: 'unknown', paused: false, credentials: 0 },
  ]);
  const [row] = await rows();
  expect(JSON.stringify(listed)).not.toContain(canary);
  expect(JSON.stringify(listed)).not.toContain(row?.sealed);
});

test.each(['http://169.254.169.254/latest', 'http://[fe80::1]/', 'http://0xa9fea9fe/'])(
  'the address %s is refused with a sentence at its field, and nothing is saved',
  async (baseUrl) => {
    const refused = addIssuer(admin, { ...wish, config: { ...wish.config, baseUrl } });
    await expect(refused).rejects.toMatchObject({
      status: 422,
      code: 'address_refused',
      message: expect.stringMatching(/^baseUrl: The address .* is .*never allowed\. Nothing was saved\.$/),
      fields: { 'config.baseUrl': expect.stringMatching(/never allowed\.$/) },
    });
    expect(await rows()).toEqual([]);
  },
);

test('a private address that no admin has allowed is refused', async () => {
  const config = { ...wish.config, baseUrl: 'http://10.0.0.5' };
  await expect(addIssuer(admin, { ...wish, config })).rejects.toMatchObject({ code: 'address_refused' });
  expect(await rows()).toEqual([]);
});

test('an unknown kind is refused', async () => {
  await expect(addIssuer(admin, { ...wish, kind: 'nobody' })).rejects.toMatchObject({
    code: 'unknown_kind',
    message: '"nobody" is not a kind of issuer. Nothing was saved.',
  });
  expect(await rows()).toEqual([]);
});

test('an unknown field and a missing one are refused by name, and no value is repeated', async () => {
  const config = { adminToken: canary, colour: 'canary-blue' };
  const error = await addIssuer(admin, { ...wish, config }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'bad_input', fields: { 'config.baseUrl': expect.any(String) } });
  expect(String(error)).toMatch(/colour.*Nothing was saved\.$/);
  expect(String(error)).not.toContain('canary');
  expect(await rows()).toEqual([]);
});

test('the same name twice is refused, and the first stays as it is', async () => {
  await addIssuer(admin, wish);
  const [before] = await rows();
  await expect(addIssuer(admin, { ...wish, name: ' Scout ' })).rejects.toMatchObject({
    status: 409,
    code: 'name_taken',
    fields: { name: 'There is already an issuer called Scout.' },
  });
  expect(await rows()).toEqual([before]);
});

test('an operator may not add an issuer', async () => {
  await expect(addIssuer({ ...admin, role: 'operator' }, wish)).rejects.toMatchObject({ status: 403 });
  expect(await rows()).toEqual([]);
});

test('every kind of issuer comes with its forms and abilities as plain data', async () => {
  const kinds = await listIssuerKinds(admin, {});
  expect(JSON.parse(JSON.stringify(kinds))).toEqual(kinds);
  expect(kinds.find((one) => one.kind === 'surfacescout')).toMatchObject({
    hasApi: true,
    secretField: 'clientSecret',
    can: { maxLive: 2, overlap: 'explicit' },
  });
  expect(kinds.find((one) => one.kind === 'assisted')).toMatchObject({ hasApi: false });
});
