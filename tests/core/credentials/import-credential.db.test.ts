import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { listFields } from '#core/credentials/list-fields.ts';
import { checkIssuer } from '#core/issuers/check-issuer.ts';
import { listIssuers } from '#core/issuers/list-issuers.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';
import { limitedActor } from '#tests/support/limited-world.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';
import { auditBodies } from '#tests/support/users.ts';

let sample: Sample;
let issuerId: string;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
  issuerId = (await db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } })).id;
  await ofTheSample({ archivedAt: new Date() });
});
afterAll(() => sample.close());

/** The sample manages its clients already. Here they are imported, so its own credentials are out of the way. */
async function ofTheSample(data: { archivedAt: Date | null }): Promise<void> {
  await db().prisma.credential.updateMany({ where: { issuerId, name: { not: 'imported' } }, data });
}

beforeEach(async () => {
  await db().prisma.secretVersion.deleteMany({ where: { credential: { name: 'imported' } } });
  await db().prisma.credential.deleteMany({ where: { name: 'imported' } });
});

const fleetWish = (clientSecret: string) => ({
  name: 'imported',
  issuerId,
  place: { clientId: 'fleet-api', maxLive: 2 },
  environment: 'production',
  fields: { clientId: 'fleet-api', clientSecret },
});

const surveyWish = (clientSecret: string) => ({
  ...fleetWish(clientSecret),
  place: { clientId: 'survey-importer', maxLive: 1, list: false },
  fields: { clientId: 'survey-importer', clientSecret },
});

async function everything(): Promise<unknown> {
  const { prisma } = db();
  return [
    await prisma.credential.findMany({ orderBy: { id: 'asc' } }),
    await prisma.secretVersion.findMany({ orderBy: { id: 'asc' } }),
    await prisma.auditEvent.count(),
  ];
}

async function vendor(path: string, init: RequestInit): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${sample.places.adminToken}`,
    'content-type': 'application/json',
  };
  const answer = await fetch(`${sample.places.surfacescout}/admin/clients/${path}`, { ...init, headers });
  return answer.status === 204 ? null : answer.json();
}

test('the secret in use is proven, sealed and left as it is: nothing rotates', async () => {
  const secret = sample.secretInFile('survey-importer');
  const { id: credentialId } = await importCredential(actor, surveyWish(secret));
  const versions = await db().prisma.secretVersion.findMany({ where: { credentialId } });
  expect(versions).toMatchObject([{ n: 1, state: 'current' }]);
  const [version] = versions;
  const place = { table: 'secret_versions', id: version?.id ?? '', field: 'sealed' };
  expect(openFields(place, version?.sealed ?? null).clientSecret?.expose()).toBe(secret);
  expect(JSON.stringify(await everything())).not.toContain(secret);
  expect(JSON.stringify(await auditBodies('credential.created'))).not.toContain(secret);
  expect(await sample.askToken('survey-importer', secret)).toMatchObject({ status: 200 });
  expect(await db().prisma.rotation.count({ where: { credentialId } })).toBe(0);
});

test('the names of what a version holds can be listed, the values cannot', async () => {
  const secret = sample.secretInFile('survey-importer');
  const { id: credentialId } = await importCredential(actor, surveyWish(secret));
  expect(await listFields(actor, { credentialId })).toEqual(['clientId', 'clientSecret', 'versionId']);
});

test('a wrong secret is refused at its field, is not repeated, and nothing is saved', async () => {
  const before = await everything();
  const error = await importCredential(actor, surveyWish('canary-wrong')).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'secret_refused',
    message: 'SurfaceScout (sample) does not accept this secret. Nothing was saved.',
    fields: { 'fields.clientSecret': 'SurfaceScout (sample) does not accept this secret.' },
  });
  expect(await everything()).toEqual(before);
});

test('where several secrets are live, they are named and the right one can be given', async () => {
  const secret = sample.secretInFile('fleet-api');
  const made = (await vendor('fleet-api/secrets', { method: 'POST', body: '{}' })) as { id: string };
  const before = await everything();
  const error = await importCredential(actor, fleetWish(secret)).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'which_secret',
    message: expect.stringContaining(made.id),
    fields: { externalId: expect.stringContaining('holds 2 secrets here') },
  });
  expect(String(error)).not.toContain(secret);
  expect(await everything()).toEqual(before);

  await expect(
    importCredential(actor, { ...fleetWish(secret), externalId: 'mistyped' }),
  ).rejects.toMatchObject({
    code: 'which_secret',
    fields: { externalId: expect.stringContaining('mistyped is none of them') },
  });
  expect(await everything()).toEqual(before);

  const { secrets } = (await vendor('fleet-api/secrets', { method: 'GET' })) as { secrets: { id: string }[] };
  const externalId = secrets.find((one) => one.id !== made.id)?.id ?? '';
  const { id } = await importCredential(actor, { ...fleetWish(secret), externalId });
  const version = await db().prisma.secretVersion.findFirstOrThrow({ where: { credentialId: id } });
  expect(version.externalId).toBe(externalId);
  await vendor(`fleet-api/secrets/${made.id}`, { method: 'DELETE' });
});

test('where one secret is live, the issuer itself says which one it is', async () => {
  const { id } = await importCredential(actor, fleetWish(sample.secretInFile('fleet-api')));
  const listed = (await vendor('fleet-api/secrets', { method: 'GET' })) as { secrets: { id: string }[] };
  const version = await db().prisma.secretVersion.findFirstOrThrow({ where: { credentialId: id } });
  expect(version.externalId).toBe(listed.secrets[0]?.id);
});

test('an issuer that treats the client otherwise than its place says is refused before anything is saved', async () => {
  const wish = surveyWish(sample.secretInFile('survey-importer'));
  const before = await everything();
  const place = { ...wish.place, maxLive: 10 };
  await expect(importCredential(actor, { ...wish, place })).rejects.toMatchObject({
    code: 'refused_outside',
    message: expect.stringMatching(/maxLive is 1 there and 10 here\..*Nothing was saved\.$/),
  });
  expect(await everything()).toEqual(before);
});

test('a name that is taken, a missing secret and an unknown place are refused, and nothing is saved', async () => {
  const secret = sample.secretInFile('survey-importer');
  const before = await everything();
  const wish = surveyWish(secret);
  await expect(importCredential(actor, { ...wish, name: 'partner-portal' })).rejects.toMatchObject({
    code: 'name_taken',
    fields: { name: 'There is already a credential called partner-portal.' },
  });
  await expect(importCredential(actor, { ...wish, fields: { clientId: 'x' } })).rejects.toMatchObject({
    message: 'fields.clientSecret is missing. Nothing was saved.',
  });
  await expect(
    importCredential(actor, { ...wish, place: { ...wish.place, maxLive: 3 } }),
  ).rejects.toMatchObject({ code: 'bad_input', fields: { 'place.maxLive': expect.any(String) } });
  expect(await everything()).toEqual(before);
});

test('a place that is managed already is refused before the secret goes anywhere, and the credential is named to those who see it', async () => {
  const secret = sample.secretInFile('survey-importer');
  const { id } = await importCredential(actor, surveyWish(secret));
  const before = await everything();
  const again = { ...surveyWish('canary-wrong'), name: 'again', place: { clientId: 'survey-importer' } };
  await expect(importCredential(actor, again)).rejects.toMatchObject({
    code: 'place_taken',
    message:
      'This is managed here already, as imported: two credentials would rotate one secret of SurfaceScout (sample) against each other. Nothing was saved.',
    fields: { 'place.clientId': expect.stringContaining('managed here already') },
  });
  const limited = limitedActor({ environments: ['staging'], labels: [] });
  const hidden = importCredential(limited, { ...again, environment: 'staging' });
  await expect(hidden).rejects.toMatchObject({
    code: 'place_taken',
    message: expect.not.stringContaining('imported'),
  });
  expect(await everything()).toEqual(before);
  await db().prisma.credential.update({ where: { id }, data: { archivedAt: new Date() } });
  await expect(importCredential(actor, again)).rejects.not.toMatchObject({ code: 'place_taken' });
});

test('what was archived is imported again under its name and from its place, and its secret went on working', async () => {
  const secret = sample.secretInFile('survey-importer');
  const { id: credentialId } = await importCredential(actor, surveyWish(secret));
  await archiveCredential(actor, { credentialId, name: 'imported' });
  expect(await sample.askToken('survey-importer', secret)).toMatchObject({ status: 200 });
  const again = await importCredential(actor, surveyWish(secret));
  expect(again.id).not.toBe(credentialId);
});

test('of two who import the same place at the same time, one does', async () => {
  const secret = sample.secretInFile('survey-importer');
  const both = ['imported', 'imported twice'].map((name) =>
    importCredential(actor, { ...surveyWish(secret), name }),
  );
  const ended = await Promise.allSettled(both);
  const failed = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(failed).toMatchObject([{ code: 'place_taken' }]);
  await db().prisma.secretVersion.deleteMany({ where: { credential: { name: 'imported twice' } } });
  await db().prisma.credential.deleteMany({ where: { name: 'imported twice' } });
});

test('an issuer is checked with one of its credentials, and a refusal is the answer', async () => {
  await ofTheSample({ archivedAt: null });
  expect(await checkIssuer(actor, { issuerId })).toMatchObject({ ok: true });
  const credentialId = await sample.credentialId('survey-importer');
  const refused = { ok: false, message: expect.stringMatching(/^SurfaceScout \(sample\): /) };
  const row = () => db().prisma.issuer.findUniqueOrThrow({ where: { id: issuerId } });
  await sample.fault({ clientId: 'survey-importer', on: 'check', kind: 'status', status: 404, times: 1 });
  expect(await checkIssuer(actor, { issuerId, credentialId })).toMatchObject(refused);
  expect(await row()).toMatchObject({ health: 'healthy', checkedBy: 'failed_check' });
  await sample.fault({ clientId: 'survey-importer', on: 'check', kind: 'status', status: 503, times: 1 });
  expect(await checkIssuer(actor, { issuerId, credentialId })).toMatchObject(refused);
  expect(await row()).toMatchObject({ health: 'unhealthy', checkedBy: 'failed_check' });
  await ofTheSample({ archivedAt: new Date() });
});

test.each([
  ['unknown', 'healthy', { at: expect.any(String), by: 'import' }],
  // Its held rotations go on with a probe, which an import is not.
  ['unhealthy', 'unhealthy', null],
])(
  'an issuer whose health is %s is %s after an import, and says when and why',
  async (before, after, checked) => {
    await db().prisma.issuer.update({
      where: { id: issuerId },
      data: { health: before, checkedAt: null, checkedBy: null },
    });
    const of = async () => (await listIssuers(actor, {})).find(({ id }) => id === issuerId);
    await importCredential(actor, surveyWish('canary-wrong')).catch(() => undefined);
    expect(await of()).toMatchObject({ health: before, checked: null });
    await importCredential(actor, surveyWish(sample.secretInFile('survey-importer')));
    expect(await of()).toMatchObject({ health: after, checked });
  },
);

describe('a secret that is read back', () => {
  const wish = {
    name: 'imported',
    environment: 'production',
    place: { clientId: 'map-tiles', maxLive: 2, readBack: true },
    fields: { clientId: 'map-tiles' },
    readBack: true,
  };
  const refused = (change: object) =>
    importCredential(actor, { ...wish, issuerId, ...change }).catch((reason: unknown) => reason);

  test('comes from the issuer itself, is proven and sealed, and nobody pastes anything', async () => {
    const first = (await vendor('map-tiles/first-secret', { method: 'GET' })) as {
      id: string;
      clientSecret: string;
    };
    const { id: credentialId } = await importCredential(actor, { ...wish, issuerId });
    const version = await db().prisma.secretVersion.findFirstOrThrow({ where: { credentialId } });
    const place = { table: 'secret_versions', id: version.id, field: 'sealed' };
    expect(openFields(place, version.sealed).clientSecret?.expose()).toBe(first.clientSecret);
    expect(version).toMatchObject({ state: 'current', n: 1, externalId: first.id });
    expect(JSON.stringify(await everything())).not.toContain(first.clientSecret);
    expect(await db().prisma.rotation.count({ where: { credentialId } })).toBe(0);
  });

  test('is refused where the issuer never shows it again, and nothing is saved', async () => {
    const before = await everything();
    const place = { clientId: 'fleet-api', maxLive: 2 };
    expect(await refused({ place, fields: { clientId: 'fleet-api' } })).toMatchObject({
      code: 'not_readable',
      message: 'SurfaceScout (sample) never shows a secret again, so it must be pasted. Nothing was saved.',
      fields: { 'fields.clientSecret': expect.any(String) },
    });
    expect(await everything()).toEqual(before);
  });

  test('is refused beside a pasted one, and where nobody says which of two it is', async () => {
    const before = await everything();
    expect(await refused({ fields: { clientSecret: 'canary-pasted' } })).toMatchObject({
      code: 'bad_input',
      message: 'Paste the secret or have it read back, not both. Nothing was saved.',
    });
    const made = (await vendor('map-tiles/secrets', { method: 'POST', body: '{}' })) as { id: string };
    expect(await refused({})).toMatchObject({ code: 'which_secret' });
    expect(await everything()).toEqual(before);
    const { id } = await importCredential(actor, { ...wish, issuerId, externalId: made.id });
    const version = await db().prisma.secretVersion.findFirstOrThrow({ where: { credentialId: id } });
    expect(version.externalId).toBe(made.id);
    await vendor(`map-tiles/secrets/${made.id}`, { method: 'DELETE' });
  });

  test('that does not sign in is not saved, although the issuer itself gave it', async () => {
    const before = await everything();
    await sample.fault({ clientId: 'map-tiles', on: 'token', kind: 'status', status: 503, times: 1 });
    expect(await refused({})).toMatchObject({ message: expect.stringMatching(/Nothing was saved\.$/) });
    await sample.clearFaults();
    expect(await everything()).toEqual(before);
  });
});
