import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { targetConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { changeBinding } from '#core/credentials/change-binding.ts';
import { listBindings } from '#core/credentials/list-bindings.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { unassignPolicy } from '#core/policies/unassign-policy.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { planRotation } from '#core/rotation/plan-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db, inTransaction } from '#lib/db.ts';
import { limitedActor, production } from '#tests/support/limited-world.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { untilWaiting } from '#tests/support/until-waiting.ts';
import { auditBodies } from '#tests/support/users.ts';

const actor = system('test');
let sample: Sample;
let credentialId: string;
/** Of fleet-api, to its env file and to the webhook receiver. */
let file: string;
let webhook: string;

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
  const bindings = await listBindings(actor, { credentialId });
  file = bindings.find(({ kind }) => kind === 'dotenv')?.id ?? '';
  webhook = bindings.find(({ kind }) => kind === 'webhook')?.id ?? '';
});
afterAll(() => sample.close());

const rowOf = (id: string) => db().prisma.binding.findUniqueOrThrow({ where: { id } });
const planned = async () => {
  const { digest, targets, steps } = await planRotation(actor, { credentialId });
  return { digest, targets, order: steps.find(({ phase }) => phase === 'deliver')?.targets };
};

test('what is wished is changed and the rest stays, the plan is another one, and the audit says field by field what', async () => {
  const before = await planned();
  const row = await rowOf(webhook);
  await changeBinding(actor, { bindingId: webhook, canary: true });
  expect(await rowOf(webhook)).toEqual({ ...row, canary: true });
  const after = await planned();
  expect(after.digest).not.toBe(before.digest);
  expect(after.order).toEqual([...(before.order ?? [])].reverse());
  await changeBinding(actor, { bindingId: webhook, canary: false, required: false });
  expect((await planned()).targets.map(({ required }) => required)).toEqual([true, false]);
  await changeBinding(actor, { bindingId: webhook, required: true });
  expect((await planned()).digest).toBe(before.digest);
  const told = await auditBodies('binding.changed');
  expect(told.map(({ credential, target, changes }) => ({ credential, target, changes }))).toEqual(
    [
      [{ field: 'canary', from: 'false', to: 'true' }],
      [
        { field: 'required', from: 'true', to: 'false' },
        { field: 'canary', from: 'true', to: 'false' },
      ],
      [{ field: 'required', from: 'false', to: 'true' }],
    ].map((changes) => ({ credential: 'fleet-api', target: 'Webhook receiver (sample)', changes })),
  );
});

test('what is as it was already changes nothing and is not told', async () => {
  const count = (await auditBodies('binding.changed')).length;
  const { required, canary, consumerUrl } = await rowOf(file);
  await changeBinding(actor, { bindingId: file, required, canary, needs: 'read_back', consumerUrl });
  expect(await auditBodies('binding.changed')).toHaveLength(count);
});

test('a canary that nobody waits for is refused, whichever of the two is changed, and also where it is bound', async () => {
  const refused = { status: 422, code: 'canary_not_required', fields: { canary: expect.any(String) } };
  await expect(
    changeBinding(actor, { bindingId: webhook, canary: true, required: false }),
  ).rejects.toMatchObject(refused);
  await changeBinding(actor, { bindingId: webhook, canary: true });
  await expect(changeBinding(actor, { bindingId: webhook, required: false })).rejects.toMatchObject(refused);
  expect(await rowOf(webhook)).toMatchObject({ canary: true, required: true });
  await changeBinding(actor, { bindingId: webhook, canary: false });
  const target = await addTarget(actor, { name: 'canaries', kind: 'pull', config: {} });
  const place = { application: 'fleet' };
  const wish = { credentialId, targetId: target.id, place, fields: { clientSecret: 'KEY' } };
  await expect(bindTarget(actor, { ...wish, canary: true, required: false })).rejects.toMatchObject(refused);
  expect(await db().prisma.binding.count({ where: { targetId: target.id } })).toBe(0);
});

test('a binding that is made the canary is delivered to before the others, and two canaries go together', async () => {
  const delivered = async () => {
    const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
    await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
    const steps = await db().prisma.rotationStep.findMany({
      where: { rotationId, phase: { in: ['deliver', 'confirm'] }, result: 'ok' },
      orderBy: { seq: 'asc' },
    });
    return steps.map(({ phase, bindingId }) => `${phase} ${bindingId === file ? 'file' : 'webhook'}`);
  };
  await changeBinding(actor, { bindingId: webhook, canary: true });
  expect(await delivered()).toEqual(['deliver webhook', 'confirm webhook', 'deliver file', 'confirm file']);
  await changeBinding(actor, { bindingId: file, canary: true });
  expect((await delivered()).slice(0, 2).sort()).toEqual(['deliver file', 'deliver webhook']);
  await changeBinding(actor, { bindingId: file, canary: false });
  await changeBinding(actor, { bindingId: webhook, canary: false });
});

test('a level that the target cannot show is refused at its field, and an address makes adoption provable until it is taken away', async () => {
  const refused = { status: 422, code: 'level_not_provable', fields: { needs: expect.any(String) } };
  const { consumerUrl } = await rowOf(file);
  await expect(changeBinding(actor, { bindingId: file, needs: 'redeployed' })).rejects.toMatchObject(refused);
  await expect(changeBinding(actor, { bindingId: webhook, needs: 'adopted' })).rejects.toMatchObject(refused);
  await changeBinding(actor, { bindingId: webhook, needs: 'adopted', consumerUrl });
  expect(await rowOf(webhook)).toMatchObject({ needs: 'adopted', consumerUrl });
  await expect(changeBinding(actor, { bindingId: webhook, consumerUrl: null })).rejects.toMatchObject(
    refused,
  );
  await changeBinding(actor, { bindingId: webhook, needs: 'read_back', consumerUrl: null });
  expect(await rowOf(webhook)).toMatchObject({ needs: 'read_back', consumerUrl: null });
  const [told] = (await auditBodies('binding.changed')).slice(-1);
  expect(told).toMatchObject({ changes: expect.arrayContaining([expect.objectContaining({ to: 'none' })]) });
});

test('a binding that shows less than the policy wants is not made required, and says which policy', async () => {
  const importer = await sample.credentialId('survey-importer');
  const [binding] = await listBindings(actor, { credentialId: importer });
  const wish = { bindingId: binding?.id ?? '', required: true };
  await changeBinding(actor, { ...wish, required: false });
  const rhythm = { intervalSeconds: 864_000 };
  const { id: policyId } = await createPolicy(actor, {
    name: 'strict',
    rhythm,
    graceSeconds: 0,
    needs: 'redeployed',
  });
  await assignPolicy(actor, { credentialId: importer, policyId });
  await expect(changeBinding(actor, wish)).rejects.toMatchObject({
    code: 'level_not_provable',
    message: expect.stringContaining('The policy strict wants it'),
  });
  expect(await rowOf(wish.bindingId)).toMatchObject({ required: false });
  await unassignPolicy(actor, { credentialId: importer });
  await changeBinding(actor, wish);
  expect(await rowOf(wish.bindingId)).toMatchObject({ required: true });
});

test('a target that hides what it holds is asked first, and is not required to be read back', async () => {
  await changeBinding(actor, { bindingId: file, needs: 'accepted' });
  const confirm = vi.spyOn(targetConnector('dotenv'), 'confirm').mockResolvedValue('unknown');
  await expect(changeBinding(actor, { bindingId: file, needs: 'read_back' })).rejects.toMatchObject({
    code: 'level_not_provable',
    fields: { needs: expect.stringContaining('a value there is hidden') },
  });
  expect(await rowOf(file)).toMatchObject({ needs: 'accepted' });
  confirm.mockRestore();
  await changeBinding(actor, { bindingId: file, needs: 'read_back' });
});

test('an address that the guard refuses is not stored', async () => {
  const consumerUrl = 'http://169.254.169.254/latest';
  const wish = { bindingId: webhook, consumerUrl };
  await expect(changeBinding(actor, wish)).rejects.toMatchObject({ code: 'address_refused' });
  expect(await rowOf(webhook)).toMatchObject({ consumerUrl: null });
});

test('while a rotation is open, also one that waits for approvals, it is refused and the rotation named', async () => {
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 60 });
  await expect(changeBinding(actor, { bindingId: webhook, required: false })).rejects.toMatchObject({
    status: 409,
    code: 'rotation_open',
    extra: { rotationId },
  });
  await cancelRotation(actor, { rotationId, reason: 'test' });
  expect(await rowOf(webhook)).toMatchObject({ required: true });
});

test('a rotation that begins at the same moment is seen: the change waits for it and is then refused', async () => {
  const other = await sample.credentialId('report-builder');
  const [binding] = await listBindings(actor, { credentialId: other });
  const bindingId = binding?.id ?? '';
  let changed: Promise<unknown> = Promise.resolve();
  await inTransaction(async (client) => {
    await client.query(
      `insert into rotations (id, credential_id, strategy, phase, priority, requested_by, plan_digest, grace_seconds, predicted_gap_seconds, hold)
       values (gen_random_uuid(), $1, 'overlap', 'preflight', 'manual', '{"kind":"user","id":null,"name":"Grace"}', 'd', 60, 0, 'approval_pending')`,
      [other],
    );
    changed = changeBinding(actor, { bindingId, required: false }).catch((error: unknown) => error);
    await untilWaiting();
  });
  expect(await changed).toMatchObject({ code: 'rotation_open' });
  expect(await rowOf(bindingId)).toMatchObject({ required: true });
});

test('somebody limited to another environment is told that there is none, and a viewer may not', async () => {
  const outside = limitedActor({ environments: ['staging'], labels: [] });
  const wish = { bindingId: webhook, required: false };
  await expect(changeBinding(outside, wish)).rejects.toMatchObject({ status: 404 });
  await expect(changeBinding(limitedActor(production, 'viewer'), wish)).rejects.toMatchObject({
    code: 'role_missing',
  });
  await changeBinding(limitedActor(production), wish);
  await changeBinding(limitedActor(production), { ...wish, required: true });
});
