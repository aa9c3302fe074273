import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { findByName } from '#core/credentials/find-by-name.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { archiveIssuer } from '#core/issuers/archive-issuer.ts';
import { changeIssuer } from '#core/issuers/change-issuer.ts';
import { checkIssuer } from '#core/issuers/check-issuer.ts';
import { listIssuers } from '#core/issuers/list-issuers.ts';
import { pauseIssuer } from '#core/issuers/pause-issuer.ts';
import { probeUnhealthyIssuers } from '#core/issuers/probe-unhealthy-issuers.ts';
import { readIssuer } from '#core/issuers/read-issuer.ts';
import { countByKey } from '#core/vault/sealed-tables.ts';
import { db, inTransaction } from '#lib/db.ts';
import { type FakeApi, fakeApi } from '#tests/support/fake-api.ts';
import { limitedActor, production } from '#tests/support/limited-world.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';
import { untilWaiting } from '#tests/support/until-waiting.ts';
import { auditBodies } from '#tests/support/users.ts';

const actor = system('test');
const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
let sample: Sample;
let vendor: FakeApi;

beforeAll(async () => {
  sample = await startSample();
  vendor = await fakeApi(() => [200, {}]);
});
afterAll(async () => {
  await vendor.close();
  await sample.close();
});

const add = async (name: string) =>
  (await addIssuer(actor, {
    name,
    kind: 'surfacescout',
    config: { baseUrl: vendor.url, adminToken: 'canary-admin-token-9' },
  })) as { id: string };
const rowOf = (id: string) => db().prisma.issuer.findUniqueOrThrow({ where: { id } });

test('an issuer that has credentials is not archived, and some of them are named', async () => {
  const row = await db().prisma.issuer.findFirstOrThrow({ where: { name: 'SurfaceScout (sample)' } });
  await expect(archiveIssuer(admin, { issuerId: row.id })).rejects.toMatchObject({
    status: 409,
    code: 'in_use',
    message:
      'SurfaceScout (sample) issues fleet-api, report-builder and survey-importer. Nothing was changed. Archive what it issues first.',
  });
  expect(await rowOf(row.id)).toEqual(row);
});

test('one that has none is gone from lists and names, its secrets are erased, and its name is free again', async () => {
  const { id: issuerId } = await add('Old vendor');
  const sealed = async () => (await countByKey(db())).reduce((sum, { values }) => sum + values, 0);
  const before = await sealed();
  await archiveIssuer(admin, { issuerId });
  expect(await rowOf(issuerId)).toMatchObject({ sealed: null, archivedAt: expect.any(Date) });
  expect(await sealed()).toBe(before - 1);
  expect((await listIssuers(admin, {})).map(({ name }) => name)).not.toContain('Old vendor');
  expect(JSON.stringify(await findByName(admin, { q: 'Old vendor' }))).not.toContain(issuerId);
  expect(await auditBodies('issuer.archived')).toEqual([
    expect.objectContaining({ id: issuerId, name: 'Old vendor', kind: 'surfacescout' }),
  ]);
  for (const ask of [
    () => readIssuer(admin, { issuerId }),
    () => checkIssuer(admin, { issuerId }),
    () => pauseIssuer(admin, { issuerId, reason: 'test' }),
    () => changeIssuer(admin, { issuerId, name: 'Back again' }),
    () => archiveIssuer(admin, { issuerId }),
  ]) {
    await expect(ask()).rejects.toMatchObject({ status: 404 });
  }
  const { id: again } = await add('Old vendor');
  expect(again).not.toBe(issuerId);
  await expect(add('Old vendor')).rejects.toMatchObject({ code: 'name_taken' });
});

test('one that was unhealthy and paused is asked no more, whatever was due', async () => {
  const { id: issuerId } = await add('Ill vendor');
  await db().pool.query(
    `update issuers set health = 'unhealthy', failures = 9, probe_at = rekey_now(), paused_at = rekey_now() where id = $1`,
    [issuerId],
  );
  await archiveIssuer(admin, { issuerId });
  expect(await rowOf(issuerId)).toMatchObject({ health: 'unknown', probeAt: null, pausedAt: null });
  // As a check that was under way would leave it.
  await db().prisma.issuer.update({ where: { id: issuerId }, data: { health: 'unhealthy' } });
  const seen = vendor.seen.length;
  await probeUnhealthyIssuers();
  expect(vendor.seen).toHaveLength(seen);
  expect(await rowOf(issuerId)).toMatchObject({ probeAt: null });
});

test('a credential that is imported at the same moment is seen: the issuer stays', async () => {
  const { id: issuerId } = await add('Busy vendor');
  let archived: Promise<unknown> = Promise.resolve();
  await inTransaction(async (client) => {
    await client.query(
      `insert into credentials (id, name, issuer_id, place, environment) values (gen_random_uuid(), 'just-now', $1, '{}', 'test')`,
      [issuerId],
    );
    archived = archiveIssuer(admin, { issuerId }).catch((error: unknown) => error);
    await untilWaiting();
  });
  expect(await archived).toMatchObject({ code: 'in_use', message: expect.stringContaining('just-now') });
  expect(await rowOf(issuerId)).toMatchObject({ archivedAt: null });
});

test('a name alone is changed without the secrets, and one that another issuer has is refused at its field', async () => {
  const { id: issuerId } = await add('Misspelt vendor');
  const { sealed } = await rowOf(issuerId);
  await changeIssuer(admin, { issuerId, name: 'Well spelt vendor' });
  expect(await rowOf(issuerId)).toMatchObject({ name: 'Well spelt vendor', sealed });
  expect((await auditBodies('issuer.changed')).at(-1)).toMatchObject({
    name: 'Well spelt vendor',
    changes: [{ field: 'name', from: 'Misspelt vendor', to: 'Well spelt vendor' }],
    secrets: [],
  });
  await expect(changeIssuer(admin, { issuerId, name: 'Busy vendor' })).rejects.toMatchObject({
    status: 409,
    code: 'name_taken',
    fields: { name: 'There is already an issuer called Busy vendor.' },
  });
});

test('only an admin who is not limited archives an issuer', async () => {
  const { id: issuerId } = await add('Guarded vendor');
  await expect(archiveIssuer(limitedActor(undefined, 'operator'), { issuerId })).rejects.toMatchObject({
    code: 'role_missing',
  });
  await expect(archiveIssuer(limitedActor(production, 'admin'), { issuerId })).rejects.toMatchObject({
    code: 'out_of_scope',
  });
  expect(await rowOf(issuerId)).toMatchObject({ archivedAt: null });
});

test('a credential is not imported at an issuer that is archived meanwhile', async () => {
  const { id: issuerId } = await db().prisma.issuer.findFirstOrThrow({
    where: { name: 'SurfaceScout (sample)' },
  });
  const { surfacescout, adminToken } = sample.places;
  const answer = await fetch(`${surfacescout}/admin/clients/two-slots/first-secret`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const first = (await answer.json()) as { clientSecret: string; id: string };
  const wish = {
    name: 'too-late',
    issuerId,
    place: { clientId: 'two-slots', maxLive: 2, list: true },
    environment: 'production',
    fields: { clientId: 'two-slots', clientSecret: first.clientSecret },
    externalId: first.id,
  };
  let imported: Promise<unknown> = Promise.resolve();
  await inTransaction(async (client) => {
    await client.query('select 1 from issuers where id = $1 for update', [issuerId]);
    imported = importCredential(actor, wish).catch((error: unknown) => error);
    await untilWaiting();
    await client.query('update issuers set archived_at = rekey_now() where id = $1', [issuerId]);
  });
  expect(await imported).toMatchObject({ status: 404 });
  expect(await db().prisma.credential.count({ where: { name: 'too-late' } })).toBe(0);
  await expect(importCredential(actor, wish)).rejects.toMatchObject({ status: 404 });
});
