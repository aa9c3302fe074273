import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { archiveBinding } from '#core/credentials/archive-binding.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { listBindings } from '#core/credentials/list-bindings.ts';
import { planRotation } from '#core/rotation/plan-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { archiveTarget } from '#core/targets/archive-target.ts';
import { changeTarget } from '#core/targets/change-target.ts';
import { checkTarget } from '#core/targets/check-target.ts';
import { listTargets } from '#core/targets/list-targets.ts';
import { readTarget } from '#core/targets/read-target.ts';
import { db, inTransaction } from '#lib/db.ts';
import { limitedActor, production } from '#tests/support/limited-world.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';
import { untilWaiting } from '#tests/support/until-waiting.ts';
import { auditBodies } from '#tests/support/users.ts';

const actor = system('test');
const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
let sample: Sample;

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

const rowOf = (id: string) => db().prisma.target.findUniqueOrThrow({ where: { id } });
const add = (name: string) => addTarget(actor, { name, kind: 'dotenv', config: {} });
const idOf = async (name: string) => (await db().prisma.target.findFirstOrThrow({ where: { name } })).id;

test('a target that something is bound to is not archived, and some of it is named', async () => {
  const targetId = await idOf('Env file (sample)');
  const row = await rowOf(targetId);
  await expect(archiveTarget(admin, { targetId })).rejects.toMatchObject({
    status: 409,
    code: 'in_use',
    message:
      'Env file (sample) is given the secrets of fleet-api, partner-portal, report-builder and 1 more. Nothing was changed. Unbind them from it first.',
  });
  expect(await rowOf(targetId)).toEqual(row);
});

test('once nothing is bound to it, it is gone from lists, its secrets are erased, its name is free, and what it holds stays told', async () => {
  const targetId = await idOf('Webhook receiver (sample)');
  const credentialId = await sample.credentialId('fleet-api');
  const [bound] = (await listBindings(actor, { targetId })).map(({ id }) => id);
  await archiveBinding(actor, { bindingId: bound ?? '' });
  expect((await rowOf(targetId)).sealed).not.toBeNull();
  await archiveTarget(admin, { targetId });
  expect(await rowOf(targetId)).toMatchObject({ sealed: null, archivedAt: expect.any(Date) });
  expect((await listTargets(admin, {})).map(({ name }) => name)).toEqual(['Env file (sample)']);
  expect(await auditBodies('target.archived')).toEqual([
    expect.objectContaining({ id: targetId, name: 'Webhook receiver (sample)', kind: 'webhook' }),
  ]);
  const { radius } = await planRotation(actor, { credentialId });
  expect(radius.elsewhere.join()).toContain('Webhook receiver (sample) is not bound any more');
  const fields = { clientSecret: 'KEY' };
  for (const ask of [
    () => readTarget(admin, { targetId }),
    () => checkTarget(admin, { targetId }),
    () => changeTarget(admin, { targetId, name: 'Back again' }),
    () => bindTarget(admin, { credentialId, targetId, place: {}, fields }),
    () => archiveTarget(admin, { targetId }),
  ]) {
    await expect(ask()).rejects.toMatchObject({ status: 404 });
  }
  await add('Webhook receiver (sample)');
  await expect(add('Webhook receiver (sample)')).rejects.toMatchObject({ code: 'name_taken' });
});

test('a binding that is stored at the same moment is seen, and one that comes too late is refused', async () => {
  const { id: targetId } = await add('files');
  const credentialId = await sample.credentialId('survey-importer');
  let archived: Promise<unknown> = Promise.resolve();
  await inTransaction(async (client) => {
    await client.query(
      `insert into bindings (id, credential_id, target_id, place, fields, needs) values (gen_random_uuid(), $1, $2, '{}', '{}', 'accepted')`,
      [credentialId, targetId],
    );
    archived = archiveTarget(admin, { targetId }).catch((error: unknown) => error);
    await untilWaiting();
  });
  expect(await archived).toMatchObject({ code: 'in_use' });
  await db().prisma.binding.deleteMany({ where: { targetId } });
  const place = { path: path.join(path.dirname(sample.envFile('survey-importer')), 'late.env') };
  let bound: Promise<unknown> = Promise.resolve();
  await inTransaction(async (client) => {
    await client.query('select 1 from targets where id = $1 for update', [targetId]);
    const wish = { credentialId, targetId, place, fields: { clientSecret: 'KEY' } };
    bound = bindTarget(actor, wish).catch((error: unknown) => error);
    await untilWaiting();
    await client.query('update targets set archived_at = rekey_now() where id = $1', [targetId]);
  });
  expect(await bound).toMatchObject({ status: 404 });
  expect(await db().prisma.binding.count({ where: { targetId } })).toBe(0);
});

test('a name alone is changed, and one that another target has is refused at its field', async () => {
  const { id: targetId } = await add('misspelt');
  await changeTarget(admin, { targetId, name: 'well spelt' });
  expect(await rowOf(targetId)).toMatchObject({ name: 'well spelt' });
  expect((await auditBodies('target.changed')).at(-1)).toMatchObject({
    changes: [{ field: 'name', from: 'misspelt', to: 'well spelt' }],
  });
  await expect(changeTarget(admin, { targetId, name: 'Env file (sample)' })).rejects.toMatchObject({
    code: 'name_taken',
    fields: { name: expect.any(String) },
  });
});

test('only an admin who is not limited archives a target', async () => {
  const { id: targetId } = await add('guarded');
  await expect(archiveTarget(limitedActor(undefined, 'operator'), { targetId })).rejects.toMatchObject({
    code: 'role_missing',
  });
  await expect(archiveTarget(limitedActor(production, 'admin'), { targetId })).rejects.toMatchObject({
    code: 'out_of_scope',
  });
});
