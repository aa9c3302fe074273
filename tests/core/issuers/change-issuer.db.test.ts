import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Actor } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { changeIssuer } from '#core/issuers/change-issuer.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { openFields, sealFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { askedWhileChanging, whileOneBegins } from '#tests/support/at-once.ts';
import { moveTime } from '#tests/support/database.ts';
import { fakeApi } from '#tests/support/fake-api.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { auditBodies } from '#tests/support/users.ts';

const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
let sample: Sample;
let issuerId: string;

beforeAll(async () => {
  sample = await startSample();
  ({ id: issuerId } = await rowOf());
});
afterAll(() => sample.close());

const rowOf = () => db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } });
const given = (more: Record<string, unknown> = {}) => ({
  issuerId,
  config: { baseUrl: sample.places.surfacescout, adminToken: sample.places.adminToken, ...more },
});

test('another config is saved with its secrets sealed anew, and the audit says what changed without a secret', async () => {
  const before = await rowOf();
  const baseUrl = `${sample.places.surfacescout}/`;
  await changeIssuer(admin, given({ baseUrl }));
  const after = await rowOf();
  expect(after).toMatchObject({ name: before.name, config: { baseUrl } });
  expect(after.sealed).not.toBe(before.sealed);
  const opened = openFields({ table: 'issuers', id: issuerId, field: 'sealed' }, after.sealed);
  expect(opened.adminToken?.expose()).toBe(sample.places.adminToken);
  const [event] = await auditBodies('issuer.changed');
  expect(event).toMatchObject({
    id: issuerId,
    changes: [{ field: 'baseUrl', from: sample.places.surfacescout, to: baseUrl }],
    secrets: ['adminToken'],
  });
  expect(JSON.stringify(event)).not.toContain(sample.places.adminToken);
});

test('a stored secret is never used with a config that came later: one that leaves it out is refused', async () => {
  const before = await rowOf();
  const config = { baseUrl: sample.places.surfacescout };
  await expect(changeIssuer(admin, { issuerId, config })).rejects.toMatchObject({
    code: 'bad_input',
    fields: { 'config.adminToken': expect.any(String) },
  });
  expect(await rowOf()).toEqual(before);
});

test('settings that lead to another server are refused before anything is sent there', async () => {
  const before = await rowOf();
  const asked: string[] = [];
  const elsewhere = await fakeApi(({ method, path }) => {
    asked.push(`${method} ${path}`);
    return [200, {}];
  });
  onTestFinished(() => elsewhere.close());
  const refused = changeIssuer(admin, given({ baseUrl: elsewhere.url }));
  await expect(refused).rejects.toMatchObject({
    ...{ status: 409, code: 'leads_elsewhere' },
    fields: { 'config.baseUrl': expect.stringContaining('leads to another server') },
  });
  expect(asked).toEqual([]);
  expect(await rowOf()).toEqual(before);
});

test('settings under which the current secret is not accepted, or nothing is allowed, are refused, and nothing is changed', async () => {
  const before = await rowOf();
  const { secretVersion } = db().prisma;
  const current = await secretVersion.findFirstOrThrow({
    where: { state: 'current', credential: { issuerId } },
    orderBy: { credentialId: 'asc' },
  });
  const place = { table: 'secret_versions', id: current.id, field: 'sealed' };
  const other = sealFields(place, { clientSecret: new Plaintext('sample-of-another-issuer') });
  await secretVersion.update({ where: { id: current.id }, data: { sealed: other } });
  const refused = changeIssuer(admin, given());
  await expect(refused).rejects.toMatchObject({ status: 422, code: 'secret_refused' });
  await secretVersion.update({ where: { id: current.id }, data: { sealed: current.sealed } });
  const wrong = changeIssuer(admin, given({ adminToken: 'not-the-token' }));
  await expect(wrong).rejects.toMatchObject({
    ...{ status: 422, code: 'refused_outside' },
    fields: { 'config.adminToken': expect.stringContaining('sign-in') },
  });
  expect(await rowOf()).toEqual(before);
});

test('while a rotation begins the issuer keeps its config, and one that is asked for while it changes begins after that', async () => {
  const credentialId = await sample.credentialId('report-builder');
  const before = await rowOf();
  await whileOneBegins(admin, credentialId, async () => {
    await expect(changeIssuer(admin, given())).rejects.toMatchObject({ status: 409, code: 'at_work' });
  });
  expect(await rowOf()).toEqual(before);
  const of = { table: 'issuers', id: issuerId, credentialId } as const;
  const order = await askedWhileChanging(admin, of, () => changeIssuer(admin, given()));
  expect(order).toEqual(['changed', 'asked']);
  expect((await rowOf()).config).toMatchObject({ baseUrl: sample.places.surfacescout });
  const began = await db().prisma.rotation.findFirstOrThrow({ where: { credentialId, outcome: null } });
  await cancelRotation(admin, { rotationId: began.id });
});

test('an issuer whose sign-in expired in an overlap is given another one, and the rotation that was held for it completes', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  const wish = { credentialId, graceSeconds: 3600, reason: 'it is due' };
  const { rotationId } = await requestRotation(admin, wish);
  const before = await rowOf();
  await expect(changeIssuer(admin, given())).rejects.toMatchObject({
    ...{ status: 409, code: 'rotation_open' },
    message: expect.stringContaining('has ended, is held or is in overlap'),
  });
  expect(await rowOf()).toEqual(before);
  await advanceUntil(rotationId, ({ phase }) => phase === 'overlap');
  await expect
    .poll(
      async () => (await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } })).leaseUntil,
    )
    .toBeNull();
  await changeIssuer(admin, given());
  const expired = sealFields(
    { table: 'issuers', id: issuerId, field: 'sealed' },
    { adminToken: new Plaintext('expired-sample-token') },
  );
  await db().prisma.issuer.update({ where: { id: issuerId }, data: { sealed: expired } });
  await moveTime(process.env.DATABASE_URL ?? '', '2 hours');
  expect(await advanceThroughRetries(rotationId)).toMatchObject({
    ...{ phase: 'revoke', hold: 'permission_missing' },
  });
  await changeIssuer(admin, given());
  await resumeRotation(admin, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
});

test('an issuer without credentials is changed, and an address that is never allowed is not', async () => {
  const config = { baseUrl: 'http://127.0.0.1:4000', adminToken: 'token-of-nobody' };
  const { id } = await addIssuer(admin, { name: 'Unused', kind: 'surfacescout', config });
  await changeIssuer(admin, { issuerId: id, config: { ...config, baseUrl: 'http://127.0.0.1:4001' } });
  const refused = changeIssuer(admin, {
    issuerId: id,
    config: { ...config, baseUrl: 'http://169.254.169.254' },
  });
  await expect(refused).rejects.toMatchObject({ code: 'address_refused' });
  const row = await db().prisma.issuer.findUniqueOrThrow({ where: { id } });
  expect(row.config).toEqual({ baseUrl: 'http://127.0.0.1:4001' });
});
