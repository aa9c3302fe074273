import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { changePolicy } from '#core/policies/change-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { readPolicy } from '#core/policies/read-policy.ts';
import { approveRotation } from '#core/rotation/approve-rotation.ts';
import { planRotation } from '#core/rotation/plan-rotation.ts';
import { readApproval } from '#core/rotation/read-approval.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
let sample: Sample;
let fleet: string;
let survey: string;
let number = 0;

beforeAll(async () => {
  sample = await startSample();
  fleet = await sample.credentialId('fleet-api');
  survey = await sample.credentialId('survey-importer');
});
afterAll(() => sample.close());
beforeEach(async () => {
  await sample.clearFaults();
  await db().pool.query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`,
  );
  await db().pool.query('delete from policy_assignments');
});

type Wish = Parameters<typeof createPolicy>[1];

function wishOf(more: Partial<Wish> = {}): Wish {
  number += 1;
  return { name: `strict ${number}`, rhythm: { intervalSeconds: 86_400 }, graceSeconds: 0, ...more };
}

/** A new policy that the credential is under. */
async function give(credentialId: string, more: Partial<Wish>): Promise<string> {
  const { id: policyId } = await createPolicy(actor, wishOf(more));
  await assignPolicy(actor, { credentialId, policyId });
  return policyId;
}

const row = (id: string) => db().prisma.rotation.findUniqueOrThrow({ where: { id } });
const request = async (credentialId: string) =>
  (await requestRotation(actor, { credentialId, graceSeconds: 0 })).rotationId;

test('under a policy that wants "adopted" a rotation waits until the consumer says so, though its binding asks for less', async () => {
  const policyId = await give(survey, { needs: 'adopted' });
  expect(await db().prisma.binding.findMany({ where: { credentialId: survey } })).toMatchObject([
    { needs: 'read_back' },
  ]);
  expect((await planRotation(actor, { credentialId: survey })).targets).toMatchObject([{ needs: 'adopted' }]);
  const rotationId = await request(survey);
  // What the policy says later counts for later rotations.
  await changePolicy(actor, { policyId, ...wishOf({ needs: null }) });
  expect((await readRotation(actor, { rotationId })).targets).toMatchObject([{ needs: 'adopted' }]);
  expect(await advanceUntil(rotationId, ({ outcome }) => outcome !== null)).toMatchObject({
    outcome: 'completed',
  });
  const { toVersion } = await row(rotationId);
  expect(await db().prisma.delivery.findMany({ where: { versionId: toVersion ?? '' } })).toMatchObject([
    { level: 'adopted' },
  ]);
});

test('a policy lowers no binding, and asks nothing more of best-effort deliveries', async () => {
  await db().pool.query(`update bindings set needs = 'adopted' where credential_id = $1`, [survey]);
  await give(survey, { needs: 'read_back' });
  expect((await planRotation(actor, { credentialId: survey })).targets).toMatchObject([{ needs: 'adopted' }]);
  await db().pool.query(`update bindings set needs = 'accepted', required = false where credential_id = $1`, [
    survey,
  ]);
  expect((await planRotation(actor, { credentialId: survey })).targets).toMatchObject([
    { needs: 'accepted' },
  ]);
  await db().pool.query(`update bindings set needs = 'read_back', required = true where credential_id = $1`, [
    survey,
  ]);
});

test('a level that a required target can never show is refused when the policy is given and when it is saved', async () => {
  const refused = (says: RegExp) => ({ code: 'level_not_provable', message: expect.stringMatching(says) });
  const { id: redeployed } = await createPolicy(actor, wishOf({ needs: 'redeployed' }));
  await expect(assignPolicy(actor, { credentialId: survey, policyId: redeployed })).rejects.toMatchObject(
    refused(/^The required delivery of survey-importer to Env file \(sample\).* is not told to redeploy/),
  );
  const { id: adopted } = await createPolicy(actor, wishOf({ needs: 'adopted' }));
  await expect(assignPolicy(actor, { credentialId: fleet, policyId: adopted })).rejects.toMatchObject(
    refused(/Webhook receiver.*enter its address/),
  );
  expect(await db().prisma.policyAssignment.count()).toBe(0);
  const policyId = await give(fleet, { needs: 'read_back' });
  const { name } = await readPolicy(actor, { policyId });
  await expect(
    changePolicy(actor, { policyId, ...wishOf({ needs: 'adopted' }), name }),
  ).rejects.toMatchObject(refused(/Webhook receiver.*Nothing was saved\.$/));
  expect(await readPolicy(actor, { policyId })).toMatchObject({ needs: 'read_back', version: 1 });
  await db().pool.query('update bindings set required = false where credential_id = $1', [fleet]);
  await changePolicy(actor, { policyId, ...wishOf({ needs: 'adopted' }), name });
  await db().pool.query('update bindings set required = true where credential_id = $1', [fleet]);
});

test('a target that cannot show what the policy wants is not bound as required, and is as best effort', async () => {
  await give(survey, { needs: 'adopted' });
  const file = path.join(sample.places.folder, 'another.env');
  fs.writeFileSync(file, 'A=1\n');
  const { targetId } = await db().prisma.binding.findFirstOrThrow({ where: { credentialId: survey } });
  const wish = { credentialId: survey, targetId, place: { path: file }, fields: { clientSecret: 'SECRET' } };
  await expect(bindTarget(actor, wish)).rejects.toMatchObject({
    code: 'level_not_provable',
    message: expect.stringMatching(/The policy strict \d+ wants it of every required delivery/),
  });
  expect(fs.readFileSync(file, 'utf8')).toBe('A=1\n');
  const { id } = await bindTarget(actor, { ...wish, required: false });
  await db().prisma.delivery.deleteMany({ where: { bindingId: id } });
  await db().prisma.binding.delete({ where: { id } });
});

test('a policy that wants it so is held after fewer attempts than the engine makes by itself', async () => {
  await give(fleet, { retryAttempts: 2, retrySeconds: 600 });
  await sample.fault({ clientId: 'fleet-api', on: 'check', kind: 'status', status: 503, times: 100 });
  const rotationId = await request(fleet);
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ hold: 'issuer_failed' });
  expect(await db().prisma.rotationStep.count({ where: { rotationId } })).toBe(2);
  expect(await row(rotationId)).toMatchObject({ retryAttempts: 2, retrySeconds: 600 });
  await expect(createPolicy(actor, wishOf({ retryAttempts: 9 }))).rejects.toMatchObject({
    code: 'bad_input',
  });
  await expect(createPolicy(actor, wishOf({ retrySeconds: 3601 }))).rejects.toMatchObject({
    code: 'bad_input',
  });
  await db().pool.query('update issuers set failures = 0');
});

test('where the level is changed before the approval, the approver reads again, and the rotation goes by the new one', async () => {
  const { id } = await db().prisma.user.create({
    data: { email: 'ben@example.test', name: 'Ben', role: 'approver' },
  });
  const ben: Actor = { kind: 'user', id, name: 'Ben', role: 'approver', stepUpAt: new Date() };
  const policyId = await give(survey, { approvals: 1 });
  const rotationId = await request(survey);
  const { plan } = await readApproval(ben, { rotationId });
  await changePolicy(actor, { policyId, ...wishOf({ approvals: 1, needs: 'adopted' }) });
  await expect(approveRotation(ben, { rotationId, digest: plan.digest })).rejects.toMatchObject({
    code: 'plan_changed',
  });
  const again = (await readApproval(ben, { rotationId })).plan;
  expect(again.targets).toMatchObject([{ needs: 'adopted' }]);
  await approveRotation(ben, { rotationId, digest: again.digest });
  expect(await row(rotationId)).toMatchObject({ hold: null, needs: 'adopted' });
});

test('the audit names the notifiers of a policy, the plan too, and one that is not there is refused', async () => {
  const { id } = await addNotifier(actor, {
    name: 'night shift',
    kind: 'webhook',
    config: {
      url: sample.places.receiver,
      signingSecret: `whsec_${Buffer.alloc(32, 9).toString('base64')}`,
    },
    notices: ['rotation_held'],
  });
  await expect(createPolicy(actor, wishOf({ notifierIds: [crypto.randomUUID()] }))).rejects.toMatchObject({
    code: 'no_such_notifier',
  });
  const policyId = await give(survey, {});
  await changePolicy(actor, { policyId, ...wishOf({ notifierIds: [id], needs: 'adopted' }) });
  const { body } = await db().prisma.auditEvent.findFirstOrThrow({
    where: { action: 'policy.changed' },
    orderBy: { id: 'desc' },
  });
  expect(JSON.parse(body).changes).toEqual(
    expect.arrayContaining([
      { field: 'notifiers', from: 'all', to: 'night shift' },
      { field: 'needs', from: 'null', to: 'adopted' },
    ]),
  );
  expect(body).not.toContain(id);
  const plan = await planRotation(actor, { credentialId: survey });
  expect(plan).toMatchObject({ notifiers: ['night shift'], needs: 'adopted' });
});
