import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Actor, type Role, system } from '#core/access/actor.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { moveNextRun } from '#core/policies/move-next-run.ts';
import { unassignPolicy } from '#core/policies/unassign-policy.ts';
import { advance } from '#core/rotation/advance.ts';
import { approveRotation } from '#core/rotation/approve-rotation.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { expireApprovals } from '#core/rotation/expire-approvals.ts';
import { skips } from '#core/rotation/holds.ts';
import { listApprovals } from '#core/rotation/list-approvals.ts';
import { readApproval } from '#core/rotation/read-approval.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { rejectRotation } from '#core/rotation/reject-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { startDueRotation } from '#core/rotation/start-due-rotation.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { withConnections } from '#tests/support/small-pool.ts';

const person = (name: string, role: Role): Actor => ({
  kind: 'user',
  id: crypto.randomUUID(),
  name,
  role,
  stepUpAt: new Date(),
});
const setup = system('test');
const anna = person('Anna', 'operator');
const ben = person('Ben', 'approver');
const cleo = person('Cleo', 'admin');

let sample: Sample;
let credentialId: string;
let policyId: string;

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
  for (const [email, { id }, role] of [
    ['ben@example.test', ben, 'approver'],
    ['cleo@example.test', cleo, 'admin'],
  ] as const) {
    await db().prisma.user.create({ data: { ...(id === null ? {} : { id }), email, name: email, role } });
  }
  const made = await createPolicy(setup, {
    name: 'four eyes',
    rhythm: { intervalSeconds: 86_400 },
    graceSeconds: 60,
    approvals: 2,
  });
  policyId = made.id;
  await assignPolicy(setup, { credentialId, policyId });
});
afterAll(() => sample.close());
beforeEach(async () => {
  await db().pool.query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`,
  );
});

const request = async (more: { priority?: 'breach'; reason?: string } = {}) =>
  (await requestRotation(anna, { credentialId, graceSeconds: 0, reason: 'it is due', ...more })).rotationId;
const digestOf = async (rotationId: string) => (await readApproval(ben, { rotationId })).plan.digest;
const row = (rotationId: string) => db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
/** Cut to the millisecond, as the columns are: they would round it up, and what is due in half a millisecond is not due. */
const makeDue = () =>
  db().pool.query(
    `update policy_assignments set (slot, due_at) = (select at, at from date_trunc('milliseconds', rekey_now()) as at)`,
  );
const actionsOf = async (rotationId: string) =>
  (await db().prisma.auditEvent.findMany({ where: { rotationId }, orderBy: { id: 'asc' } })).map(
    ({ action }) => action,
  );

test('a rotation under a policy with two approvals asks nothing outside before two others have approved its plan', async () => {
  const rotationId = await request();
  await advance(rotationId, () => {});
  expect(await row(rotationId)).toMatchObject({
    hold: 'approval_pending',
    phase: 'preflight',
    approvalsNeeded: 2,
  });
  expect(await db().prisma.rotationStep.count({ where: { rotationId } })).toBe(0);
  expect(await listApprovals(ben, {})).toMatchObject([
    { rotationId, requestedBy: 'Anna', given: 0, needed: 2 },
  ]);
  expect(await listApprovals(ben, { environment: 'production' })).toMatchObject([{ rotationId }]);
  expect(await listApprovals(ben, { environment: 'staging' })).toEqual([]);

  const digest = await digestOf(rotationId);
  expect(await approveRotation(ben, { rotationId, digest })).toEqual({ goesOn: false });
  expect((await row(rotationId)).hold).toBe('approval_pending');
  expect(await approveRotation(cleo, { rotationId, digest })).toEqual({ goesOn: true });
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  expect((await actionsOf(rotationId)).slice(0, 4)).toEqual([
    'rotation.requested',
    'rotation.approved',
    'rotation.approved',
    'rotation.started',
  ]);
});

test('nobody approves what they asked for, or twice, or without the role', async () => {
  const rotationId = await request();
  const digest = await digestOf(rotationId);
  await expect(approveRotation({ ...anna, role: 'admin' } as Actor, { rotationId, digest })).rejects.toThrow(
    /asked for this rotation yourself/,
  );
  await expect(approveRotation(anna, { rotationId, digest })).rejects.toMatchObject({ code: 'role_missing' });
  await expect(approveRotation(setup, { rotationId, digest })).rejects.toThrow(/Only a person can approve/);
  await approveRotation(ben, { rotationId, digest });
  await expect(approveRotation(ben, { rotationId, digest })).rejects.toThrow(/approved it already/);
  expect((await row(rotationId)).hold).toBe('approval_pending');
});

test('whoever approved may still reject it, and whoever asked for it may do neither', async () => {
  const rotationId = await request();
  await approveRotation(ben, { rotationId, digest: await digestOf(rotationId) });
  expect(await readApproval(ben, { rotationId })).toMatchObject({
    refusal: expect.stringContaining('approved it already'),
    mayReject: true,
  });
  const asAnna = { ...anna, role: 'admin' } as Actor;
  expect(await readApproval(asAnna, { rotationId })).toMatchObject({ mayReject: false });
  await expect(rejectRotation(asAnna, { rotationId, reason: 'mine' })).rejects.toThrow(/asked for this/);
  await rejectRotation(ben, { rotationId, reason: 'on second thought' });
  expect(await row(rotationId)).toMatchObject({ outcome: 'cancelled', hold: null });
});

test.each([
  ['moved the next run', (at: string) => moveNextRun(cleo, { credentialId, at })],
  [
    'gave the policy with a time',
    (at: string) => assignPolicy(cleo, { credentialId, policyId, first: { at } }),
  ],
  ['gave the policy from now on', () => assignPolicy(cleo, { credentialId, policyId, first: 'now' })],
])('whoever %s has asked for the rotation, and does not approve it', async (_what, choose) => {
  await makeDue();
  await choose(new Date((await databaseTime()).getTime() + 3_600_000).toISOString());
  await makeDue();
  const rotationId = String(await startDueRotation());
  const digest = await digestOf(rotationId);
  await expect(approveRotation(cleo, { rotationId, digest })).rejects.toThrow(
    /asked for this rotation yourself/,
  );
  expect(await readApproval(cleo, { rotationId })).toMatchObject({ mayReject: false });
  expect(await approveRotation(ben, { rotationId, digest })).toEqual({ goesOn: false });
});

test('a slot that nobody moved is approved by anybody, also after one that somebody did', async () => {
  await makeDue();
  const rotationId = String(await startDueRotation());
  expect((await row(rotationId)).chosenBy).toBeNull();
  const digest = await digestOf(rotationId);
  expect(await approveRotation(cleo, { rotationId, digest })).toEqual({ goesOn: false });
});

test('who made an API client, gave it keys, or made a secret that it had, has asked for what it asks for', async () => {
  const byOf = (one: Actor) => ({ kind: one.kind, id: one.id, name: one.name });
  const [maker, giver, former, later] = ['Mia', 'Gil', 'Fay', 'Lea'].map((name) => person(name, 'admin'));
  if (!maker || !giver || !former || !later) throw new Error('They are four.');
  const { id: first } = await db().prisma.apiClient.create({
    data: { name: 'terraform', role: 'admin', createdBy: byOf(maker) },
  });
  const { id } = await db().prisma.apiClient.create({
    data: {
      name: 'pipeline',
      role: 'operator',
      createdBy: { kind: 'api_client', id: first, name: 'terraform' },
      keysBy: byOf(giver),
    },
  });
  const now = (await databaseTime()).getTime();
  const hourAgo = new Date(now - 3_600_000);
  const secretOf = (one: Actor, more: { createdAt: Date; revokedAt?: Date }) =>
    db().prisma.apiClientSecret.create({
      data: { clientId: id, hash: crypto.randomUUID(), hint: 'x', madeBy: byOf(one), ...more },
    });
  await secretOf(cleo, { createdAt: hourAgo });
  await secretOf(former, { createdAt: hourAgo, revokedAt: new Date(now - 1_800_000) });
  await secretOf(later, { createdAt: new Date(now + 3_600_000) });
  const client = {
    kind: 'api_client',
    id,
    name: 'pipeline',
    role: 'operator',
    stepUpAt: new Date(),
  } as const;
  const { rotationId } = await requestRotation(client, { credentialId, graceSeconds: 0 });
  const digest = await digestOf(rotationId);
  for (const one of [maker, giver, cleo]) {
    expect(await readApproval(one, { rotationId }), one.name).toMatchObject({
      refusal: expect.stringContaining('An API client asked for this rotation that you made'),
      mayReject: false,
    });
  }
  await expect(approveRotation(cleo, { rotationId, digest })).rejects.toThrow(/An API client asked for this/);
  for (const one of [former, later]) {
    expect(await readApproval(one, { rotationId }), one.name).toMatchObject({ refusal: null });
  }
  expect(await approveRotation(ben, { rotationId, digest })).toEqual({ goesOn: false });
});

test('whoever waits is told who can approve: people with the role and within their limits, who can sign in and have not yet', async () => {
  const make = (
    name: string,
    more: { role?: Role; environments?: string[]; disabledAt?: Date; passwordHash?: string },
  ) =>
    db().prisma.user.create({
      data: { email: `${name}@people.test`, name, role: 'approver', passwordHash: 'a hash', ...more },
    });
  const dora = await make('Dora', {});
  const own = await make('Emil', { role: 'admin' });
  await make('Fritz, who is limited to another environment', { environments: ['staging'] });
  await make('Gerd, who is disabled', { disabledAt: new Date() });
  await make('Hanna, who only operates', { role: 'operator' });
  await db().prisma.user.create({ data: { email: 'invited@people.test', name: 'Ida', role: 'approver' } });
  const emil: Actor = { ...person('Emil', 'admin'), id: own.id } as Actor;
  const { rotationId } = await requestRotation(emil, { credentialId, graceSeconds: 0, reason: 'it is due' });
  expect((await readRotation(emil, { rotationId })).approval).toMatchObject({
    needed: 2,
    given: [],
    refusal: expect.stringMatching(/asked for this rotation yourself/),
    approvers: ['Dora'],
  });
  expect((await readApproval(anna, { rotationId })).approvers).toEqual(['Dora']);
  const asDora = { ...person('Dora', 'approver'), id: dora.id } as Actor;
  expect((await readRotation(asDora, { rotationId })).approval?.refusal).toBeNull();
  await approveRotation(asDora, { rotationId, digest: await digestOf(rotationId) });
  const { approval } = await readRotation(emil, { rotationId });
  expect([approval?.given.map(({ name }) => name), approval?.approvers]).toEqual([['Dora'], []]);
  await cancelRotation(setup, { rotationId });
  expect((await readRotation(emil, { rotationId })).approval).toBeNull();
  await db().prisma.user.deleteMany({ where: { email: { endsWith: '@people.test' } } });
});

test('two people who approve at the same moment are both counted, and the rotation goes on once', async () => {
  const rotationId = await request();
  const digest = await digestOf(rotationId);
  const answers = await Promise.all([ben, cleo].map((one) => approveRotation(one, { rotationId, digest })));
  expect(answers.filter(({ goesOn }) => goesOn)).toHaveLength(1);
  expect((await row(rotationId)).hold).toBeNull();
});

test('an approval holds no connection while it waits for another: many at once do not wait for each other', async () => {
  const rotationId = await request();
  const digest = await digestOf(rotationId);
  const approve = () => approveRotation(ben, { rotationId, digest });
  expect(await withConnections(1, approve)).toEqual({ goesOn: false });
});

test('a plan that changed since it was read is not approved, and earlier approvals of it are void', async () => {
  const rotationId = await request();
  const digest = await digestOf(rotationId);
  await approveRotation(ben, { rotationId, digest });
  const bindings = await db().prisma.binding.findMany({ where: { credentialId } });
  await db().prisma.binding.update({
    where: { id: bindings[0]?.id ?? '' },
    data: { archivedAt: new Date() },
  });
  await expect(approveRotation(cleo, { rotationId, digest })).rejects.toMatchObject({ code: 'plan_changed' });
  expect(await listApprovals(ben, {})).toMatchObject([{ rotationId, given: 0 }]);
  expect(await actionsOf(rotationId)).toContain('rotation.approvals_voided');
  const fresh = await digestOf(rotationId);
  expect(fresh).not.toBe(digest);
  await expect(approveRotation(cleo, { rotationId, digest })).rejects.toMatchObject({ code: 'plan_changed' });
  await approveRotation(ben, { rotationId, digest: fresh });
  expect(await approveRotation(cleo, { rotationId, digest: fresh })).toEqual({ goesOn: true });
  await db().prisma.binding.update({ where: { id: bindings[0]?.id ?? '' }, data: { archivedAt: null } });
});

test('what people approve is what is done: with a plan that changed the rotation has its strategy and its promises', async () => {
  const client = await importClient(sample, 'single-chosen');
  const { id: policyId } = await createPolicy(setup, {
    name: 'two eyes',
    rhythm: { intervalSeconds: 86_400 },
    graceSeconds: 60,
    approvals: 1,
  });
  await assignPolicy(setup, { credentialId: client.credentialId, policyId });
  const asked = { credentialId: client.credentialId, reason: 'it is due' };
  const { rotationId } = await requestRotation(anna, asked);
  const before = await digestOf(rotationId);
  expect((await row(rotationId)).strategy).toBe('cut-over');
  await db().prisma.binding.updateMany({
    where: { credentialId: client.credentialId },
    data: { readsNext: true },
  });
  await expect(approveRotation(ben, { rotationId, digest: before })).rejects.toMatchObject({
    code: 'plan_changed',
  });
  const { plan } = await readApproval(ben, { rotationId });
  expect(plan.strategy).toBe('prestage');
  expect(await approveRotation(ben, { rotationId, digest: plan.digest })).toEqual({ goesOn: true });
  expect(await row(rotationId)).toMatchObject({
    planDigest: plan.digest,
    strategy: plan.strategy,
    predictedGapSeconds: plan.gap.seconds,
    deliverySeconds: plan.deliverySeconds,
  });
  const done = await advanceUntil(rotationId, ({ outcome }) => outcome !== null);
  expect(done).toMatchObject({ outcome: 'completed', gapEndedAt: null });
  await unassignPolicy(setup, { credentialId: client.credentialId });
});

test.each([
  ['goes to another place', { place: { path: '/srv/elsewhere/.env' } }],
  ['goes to another key', { fields: { clientSecret: 'ANOTHER_KEY' } }],
  ['is not waited for any more', { required: false }],
  ['must be proven less', { needs: 'accepted' }],
  ['goes there first', { canary: true }],
])('what people approved is void once a delivery %s', async (_what, change) => {
  const rotationId = await request();
  const digest = await digestOf(rotationId);
  await approveRotation(ben, { rotationId, digest });
  const before = await db().prisma.binding.findFirstOrThrow({
    where: { credentialId, required: true, canary: false, target: { kind: 'dotenv' } },
  });
  await db().prisma.binding.update({ where: { id: before.id }, data: change });
  await expect(approveRotation(cleo, { rotationId, digest })).rejects.toMatchObject({ code: 'plan_changed' });
  expect(await listApprovals(ben, {})).toMatchObject([{ rotationId, given: 0 }]);
  const { required, canary, needs } = before;
  const [place, fields] = [before.place ?? {}, before.fields ?? {}];
  await db().prisma.binding.update({
    where: { id: before.id },
    data: { place, fields, required, canary, needs },
  });
});

test('resuming is no way around an approval; cancelling is allowed', async () => {
  const rotationId = await request();
  await expect(resumeRotation({ ...anna, role: 'admin' } as Actor, { rotationId })).rejects.toThrow(
    /once enough people have approved it/,
  );
  await cancelRotation(anna, { rotationId });
  expect((await row(rotationId)).outcome).toBe('cancelled');
  await expect(approveRotation(ben, { rotationId, digest: 'x' })).rejects.toThrow(
    /does not wait for an approval/,
  );
});

test('a rejection cancels the rotation with its reason, and what nobody decides in three days is cancelled too', async () => {
  const rejected = await request();
  await rejectRotation(ben, { rotationId: rejected, reason: 'not during the release' });
  expect(await row(rejected)).toMatchObject({ outcome: 'cancelled', hold: null });
  const events = await db().prisma.auditEvent.findMany({
    where: { rotationId: rejected, action: 'rotation.rejected' },
  });
  expect(JSON.parse(events[0]?.body ?? '')).toMatchObject({ reason: 'not during the release' });

  const forgotten = await request();
  await moveTime(process.env.DATABASE_URL ?? '', '71 hours');
  await expireApprovals();
  expect((await row(forgotten)).outcome).toBeNull();
  await moveTime(process.env.DATABASE_URL ?? '', '2 hours');
  await expect(approveRotation(ben, { rotationId: forgotten, digest: 'x' })).rejects.toThrow(
    /Nobody approved it in time/,
  );
  await expireApprovals();
  expect((await row(forgotten)).outcome).toBe('cancelled');
});

test('a breach waits for nobody', async () => {
  const rotationId = await request({ priority: 'breach', reason: 'it was posted' });
  expect(await row(rotationId)).toMatchObject({ hold: null, approvalsNeeded: 0 });
});

test('a policy that wants more approvals than there are people who may give them is refused', async () => {
  await db().pool.query(`update users set disabled_at = rekey_now() where email = 'ben@example.test'`);
  await expect(
    createPolicy(setup, {
      name: 'too many',
      rhythm: { intervalSeconds: 86_400 },
      graceSeconds: 60,
      approvals: 2,
    }),
  ).rejects.toMatchObject({
    code: 'too_few_approvers',
    message: expect.stringContaining('there is one person'),
  });
  await db().pool.query('update users set disabled_at = null');
});

test('whoever saves a policy is not counted as an approver: nobody approves what they asked for themselves', async () => {
  const { id } = await db().prisma.user.findUniqueOrThrow({ where: { email: 'cleo@example.test' } });
  const wish = { rhythm: { intervalSeconds: 86_400 }, graceSeconds: 60, approvals: 1 };
  await db().pool.query(`update users set disabled_at = rekey_now() where email = 'ben@example.test'`);
  await expect(createPolicy({ ...cleo, id } as Actor, { ...wish, name: 'alone' })).rejects.toMatchObject({
    code: 'too_few_approvers',
    message: expect.stringContaining('there is nobody beside you who may approve'),
  });
  await db().pool.query('update users set disabled_at = null');
  await expect(
    createPolicy({ ...cleo, id } as Actor, { ...wish, name: 'two of us' }),
  ).resolves.toHaveProperty('id');
});

test('a slot whose plan nobody approves in time is a skip that says so, and the credential counts as overdue', async () => {
  await makeDue();
  const rotationId = String(await startDueRotation());
  expect(await row(rotationId)).toMatchObject({ hold: 'approval_pending' });
  const { slot } = await row(rotationId);
  const skipsOf = () => db().prisma.skip.findMany({ where: { credentialId, reason: 'not_approved' } });
  await moveTime(process.env.DATABASE_URL ?? '', '71 hours');
  await expireApprovals();
  expect(await skipsOf()).toEqual([]);
  await moveTime(process.env.DATABASE_URL ?? '', '2 hours');
  await expireApprovals();
  await expireApprovals();
  expect((await row(rotationId)).outcome).toBe('cancelled');
  expect(await skipsOf()).toMatchObject([{ slot }]);
  expect(skips.not_approved).toMatch(/^Nobody approved its plan/);
  expect((await readOverview(setup, {})).counters.overdue.count).toBe(1);
});

test('what is approved while the policy’s window is closed starts when it opens, and not before', async () => {
  const now = await databaseTime();
  const blackout = { from: now, to: new Date(now.getTime() + 3 * 3_600_000), reason: 'freeze' };
  const blackouts = JSON.stringify([blackout]);
  await makeDue();
  const rotationId = String(await startDueRotation());
  await db().pool.query('update policies set blackouts = $1', [blackouts]);
  const digest = await digestOf(rotationId);
  await approveRotation(ben, { rotationId, digest });
  await approveRotation(cleo, { rotationId, digest });
  await advance(rotationId, () => {});
  expect(await row(rotationId)).toMatchObject({ phase: 'preflight', hold: null, nextAttemptAt: blackout.to });
  expect(await db().prisma.rotationStep.count({ where: { rotationId } })).toBe(0);
  await moveTime(process.env.DATABASE_URL ?? '', '3 hours 1 minute');
  await advanceUntil(rotationId, ({ phase }) => phase !== 'preflight');
});
