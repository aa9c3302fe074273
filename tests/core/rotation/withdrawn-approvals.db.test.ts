import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Actor, type Role, system } from '#core/access/actor.ts';
import { changeCredential } from '#core/credentials/change-credential.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { approveRotation } from '#core/rotation/approve-rotation.ts';
import { readApproval } from '#core/rotation/read-approval.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { changeRole } from '#core/users/change-role.ts';
import { changeScope } from '#core/users/change-scope.ts';
import { disableUser } from '#core/users/disable-user.ts';
import { signInWithIdentity } from '#core/users/sign-in-with-identity.ts';
import { db, inTransaction } from '#lib/db.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';
import { auditBodies, makeUser } from '#tests/support/users.ts';

const setup = system('test');
let sample: Sample;
let credentialId: string;
let wish: { rotationId: string; digest: string };
let ben: Actor & { id: string };

const person = async (name: string, role: Role) => {
  const { id } = await makeUser(role);
  return { kind: 'user' as const, id, name, role, stepUpAt: new Date() };
};

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
  await person('Anna', 'admin');
  await person('Bo', 'approver');
  const rules = { rhythm: { intervalSeconds: 86_400 }, graceSeconds: 60, approvals: 2 };
  const { id: policyId } = await createPolicy(setup, { name: 'four eyes', ...rules });
  await assignPolicy(setup, { credentialId, policyId });
});
afterAll(() => sample.close());
beforeEach(async () => {
  await db().pool.query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`,
  );
  ben = await person('Ben', 'approver');
  const { rotationId } = await requestRotation(setup, { credentialId, graceSeconds: 0 });
  wish = { rotationId, digest: (await readApproval(ben, { rotationId })).plan.digest };
});

const approvedBy = async () =>
  (await db().prisma.approval.findMany({ where: { rotationId: wish.rotationId } })).map(({ name }) => name);
const withdrawnOf = async () =>
  (await auditBodies('rotation.approval_withdrawn')).filter((body) => body.rotationId === wish.rotationId);

/** Until so many wait for a lock in this database, or the work has ended without one. */
async function waiting(count: number, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  const WAITING = `select count(*)::int as n from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'`;
  await expect
    .poll(async () => isOver || (await db().pool.query(WAITING)).rows[0].n >= count, { timeout: 20_000 })
    .toBe(true);
}

test('an approval that the last one has counted is not told as withdrawn when the rotation goes on', async () => {
  await approveRotation(ben, wish);
  const disabling = await inTransaction(async (client) => {
    // Somebody else's approval: it has counted Ben's, and the rotation goes on.
    await client.query('select 1 from rotations where id = $1 for update', [wish.rotationId]);
    const disabling = disableUser(setup, { userId: ben.id });
    await waiting(1, disabling);
    await client.query('update rotations set hold = null where id = $1', [wish.rotationId]);
    return { done: disabling };
  });
  await disabling.done;
  expect(await approvedBy()).toEqual(['Ben']);
  expect(await withdrawnOf()).toEqual([]);
});

test('an approval that is being given while the role is taken away is taken back with it', async () => {
  const both = await inTransaction(async (client) => {
    await client.query('select 1 from rotations where id = $1 for update', [wish.rotationId]);
    const approving = approveRotation(ben, wish);
    await waiting(1, approving);
    const demoting = changeRole(setup, { userId: ben.id, role: 'operator' });
    await waiting(2, demoting);
    return { done: Promise.all([approving, demoting]) };
  });
  await both.done;
  expect(await approvedBy()).toEqual([]);
  expect(await withdrawnOf()).toMatchObject([{ of: 'Ben' }]);
});

test.each<[string, () => Promise<unknown>]>([
  ['is disabled', () => disableUser(setup, { userId: ben.id })],
  ['has another role', () => changeRole(setup, { userId: ben.id, role: 'operator' })],
  [
    'is limited to other environments',
    () => changeScope(setup, { userId: ben.id, environments: ['staging'], labels: [] }),
  ],
  [
    'is limited to other labels',
    () => changeScope(setup, { userId: ben.id, environments: [], labels: ['of nothing'] }),
  ],
])('who %s by now approves nothing, also where they were let in before', async (_what, change) => {
  await change();
  await expect(approveRotation(ben, wish)).rejects.toThrow(/may not approve this rotation any more/);
  expect(await approvedBy()).toEqual([]);
});

test('limits take back what somebody approved outside of them, and nothing within', async () => {
  await approveRotation(ben, wish);
  await changeScope(setup, { userId: ben.id, environments: ['production'], labels: [] });
  expect([await approvedBy(), await withdrawnOf()]).toEqual([['Ben'], []]);
  await changeScope(setup, { userId: ben.id, environments: ['production'], labels: ['of nothing'] });
  expect(await approvedBy()).toEqual([]);
  expect(await withdrawnOf()).toMatchObject([{ of: 'Ben' }]);
});

test('whom no group gives a role any more is not signed in, and what they approved is taken back', async () => {
  const identity = { issuer: 'https://login.example.com', sub: 'ben' };
  await db().prisma.identity.create({ data: { ...identity, userId: ben.id } });
  await approveRotation(ben, wish);
  const person = { email: 'ben@example.com', name: 'Ben', address: '192.0.2.1', role: null };
  await expect(signInWithIdentity(setup, { ...identity, ...person })).rejects.toMatchObject({
    code: 'no_role',
  });
  expect(await approvedBy()).toEqual([]);
  expect(await withdrawnOf()).toMatchObject([{ of: 'Ben', actor: { name: 'single sign-on' } }]);
});

const limits = (scope: { environments?: string[]; labels?: string[] }) =>
  changeScope(setup, { userId: ben.id, environments: [], labels: [], ...scope });
const move = (to: { environment?: string; labels?: string[] }) =>
  changeCredential(setup, { credentialId, ...to });

test.each<[string, Parameters<typeof limits>[0], Parameters<typeof move>[0]]>([
  ['environment', { environments: ['production'] }, { environment: 'staging' }],
  ['labels', { labels: ['edge'] }, { labels: ['core'] }],
])(
  'a credential that by its %s leaves the limits of who approved it is approved by them no longer',
  async (_what, limit, to) => {
    await move({ environment: 'production', labels: ['edge'] });
    await limits(limit);
    await approveRotation(ben, wish);
    await move({ labels: ['edge', 'eu'] });
    expect([await approvedBy(), await withdrawnOf()]).toEqual([['Ben'], []]);
    await move(to);
    expect(await approvedBy()).toEqual([]);
    expect(await withdrawnOf()).toMatchObject([{ of: 'Ben' }]);
  },
);

test('an approval that is being given while the credential leaves the limits is refused or taken back', async () => {
  await move({ environment: 'production', labels: [] });
  await limits({ environments: ['production'] });
  const both = await inTransaction(async (client) => {
    await client.query('select 1 from rotations where id = $1 for update', [wish.rotationId]);
    const moving = move({ environment: 'staging' });
    await waiting(1, moving);
    const approving = approveRotation(ben, wish);
    await waiting(2, approving);
    return { done: Promise.allSettled([moving, approving]) };
  });
  await both.done;
  expect(await approvedBy()).toEqual([]);
});
