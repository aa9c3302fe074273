import { expect, test } from 'vitest';
import type { Actor } from '#core/access/actor.ts';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { changeRole } from '#core/users/change-role.ts';
import { createUser } from '#core/users/create-user.ts';
import { disableUser } from '#core/users/disable-user.ts';
import { enableUser } from '#core/users/enable-user.ts';
import { listUsers } from '#core/users/list-users.ts';
import { signIn } from '#core/users/sign-in.ts';
import { signInWithIdentity } from '#core/users/sign-in-with-identity.ts';
import { db } from '#lib/db.ts';
import { auditBodies, makeUser, openSession, PASSWORD } from '#tests/support/users.ts';

async function actorOf(email: string): Promise<Actor> {
  const actor = await readSession(await openSession(email));
  if (actor === null) throw new Error('The session has ended.');
  return actor;
}

/** Only this test's own admins are left. */
async function aloneWith(count: number): Promise<{ id: string; email: string }[]> {
  await db().prisma.user.updateMany({ where: { role: 'admin' }, data: { role: 'viewer' } });
  return Promise.all(Array.from({ length: count }, () => makeUser('admin')));
}

const enabledAdmins = () => db().prisma.user.count({ where: { role: 'admin', disabledAt: null } });

test('the last admin who can sign in is neither disabled nor loses the role', async () => {
  const [last] = await aloneWith(1);
  const id = last?.id ?? '';
  await createUser(system('test'), { email: 'invited@example.com', role: 'admin' });
  const refused = { status: 409, code: 'last_admin' };
  await expect(disableUser(system('test'), { userId: id })).rejects.toMatchObject(refused);
  await expect(changeRole(system('test'), { userId: id, role: 'operator' })).rejects.toMatchObject(refused);
  expect(await db().prisma.user.findUnique({ where: { id } })).toMatchObject({
    role: 'admin',
    disabledAt: null,
  });
});

test('where all admins come through the single sign-on, others are disabled and given roles, and only the last admin is kept', async () => {
  await aloneWith(0);
  const comes = async (name: string) => {
    const email = `${name}@example.org`;
    const person = { issuer: 'https://login.example.com', sub: name, email, name, role: 'admin' } as const;
    await signInWithIdentity(system('test'), { ...person, address: '192.0.2.1' });
    return (await db().prisma.user.findUniqueOrThrow({ where: { email } })).id;
  };
  const last = await comes('last');
  const [gone, other] = [await makeUser('viewer'), await makeUser('operator')];
  await disableUser(system('test'), { userId: gone.id });
  await changeRole(system('test'), { userId: other.id, role: 'viewer' });
  const refused = { status: 409, code: 'last_admin' };
  await expect(disableUser(system('test'), { userId: last })).rejects.toMatchObject(refused);
  await expect(changeRole(system('test'), { userId: last, role: 'viewer' })).rejects.toMatchObject(refused);
  await comes('another');
  await disableUser(system('test'), { userId: last });
  expect(await enabledAdmins()).toBe(1);
});

test('an admin who was invited and cannot sign in yet is disabled, whoever else is there', async () => {
  await aloneWith(0);
  const { id: userId } = await createUser(system('test'), { email: 'never@example.com', role: 'admin' });
  await disableUser(system('test'), { userId });
  expect(await enabledAdmins()).toBe(0);
});

test('two admins who take the role from each other at the same time do not both succeed', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [one, other] = await aloneWith(2);
    const outcomes = await Promise.allSettled([
      changeRole(system('test'), { userId: one?.id ?? '', role: 'viewer' }),
      disableUser(system('test'), { userId: other?.id ?? '' }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await enabledAdmins()).toBe(1);
  }
});

test('a disabled user is signed out at once, cannot sign in, and old sessions stay ended when they are enabled', async () => {
  await makeUser('admin');
  const user = await makeUser();
  const sessionId = await openSession(user.email);
  await disableUser(system('test'), { userId: user.id });
  expect(await readSession(sessionId)).toBeNull();
  const again = () => signIn(system('test'), { email: user.email, password: PASSWORD, address: '192.0.2.7' });
  await expect(again()).rejects.toMatchObject({ code: 'sign_in_refused' });
  await enableUser(system('test'), { userId: user.id });
  expect(await readSession(sessionId)).toBeNull();
  await expect(again()).resolves.toHaveProperty('sessionId');
  expect((await auditBodies('user.disabled')).at(-1)).toMatchObject({ email: user.email });
  expect((await auditBodies('user.enabled')).at(-1)).toMatchObject({ email: user.email });
});

test('a disabled user gets no new link, and the one they had is void', async () => {
  await makeUser('admin');
  await createUser(system('test'), { email: 'late@example.com', role: 'viewer' });
  const { id } = await db().prisma.user.findUniqueOrThrow({ where: { email: 'late@example.com' } });
  await disableUser(system('test'), { userId: id });
  expect(await db().prisma.signInLink.count({ where: { userId: id, usedAt: null } })).toBe(0);
  await expect(
    createUser(system('test'), { email: 'late@example.com', role: 'admin' }),
  ).rejects.toMatchObject({ code: 'user_exists' });
});

test('a changed role counts at the next request and is recorded with both roles; the same role again is not', async () => {
  const admin = await makeUser('admin');
  const user = await makeUser('viewer');
  const sessionId = await openSession(user.email);
  const actor = await actorOf(admin.email);
  await changeRole(actor, { userId: user.id, role: 'approver' });
  await changeRole(actor, { userId: user.id, role: 'approver' });
  expect(await readSession(sessionId)).toMatchObject({ role: 'approver' });
  const events = (await auditBodies('role.changed')).filter((body) => body.email === user.email);
  expect(events).toMatchObject([{ from: 'viewer', to: 'approver', actor: { id: admin.id } }]);
});

test('the list tells who is active, invited or disabled, and nothing of passwords', async () => {
  await makeUser('admin');
  const active = await makeUser('auditor');
  await openSession(active.email);
  const gone = await makeUser();
  await disableUser(system('test'), { userId: gone.id });
  await createUser(system('test'), { email: 'new@example.com', role: 'viewer' });
  const users = await listUsers(system('test'), {});
  const byEmail = (email: string) => users.find((user) => user.email === email);
  expect(byEmail(active.email)).toMatchObject({ state: 'active', role: 'auditor' });
  expect(byEmail(active.email)?.seenAt).not.toBeNull();
  expect(byEmail(gone.email)).toMatchObject({ state: 'disabled' });
  expect(byEmail('new@example.com')).toMatchObject({ state: 'invited', seenAt: null });
  expect(JSON.stringify(users)).not.toContain('argon2');
});

test('what somebody approved counts no longer once they are disabled, or may approve no more', async () => {
  const { prisma } = db();
  const issuer = await prisma.issuer.create({ data: { name: 'i', kind: 'assisted', config: {} } });
  const place = { name: 'c', issuerId: issuer.id, place: {}, environment: 'test' };
  const { id: credentialId } = await prisma.credential.create({ data: place });
  const waiting = {
    strategy: 'assisted',
    predictedGapSeconds: 0,
    phase: 'preflight',
    priority: 'manual',
    planDigest: 'd',
    graceSeconds: 0,
  };
  const requestedBy = { kind: 'user', id: crypto.randomUUID(), name: 'Anna' };
  const { id: rotationId } = await prisma.rotation.create({
    data: {
      id: crypto.randomUUID(),
      ...waiting,
      credentialId,
      requestedBy,
      hold: 'approval_pending',
      approvalsNeeded: 2,
    },
  });
  const approve = async (userId: string) =>
    prisma.approval.create({ data: { rotationId, userId, name: 'Ben', digest: 'd' } });
  const [left, demoted, promoted] = [
    await makeUser('approver'),
    await makeUser('admin'),
    await makeUser('admin'),
  ];
  await Promise.all([left, demoted, promoted].map(({ id }) => approve(id)));
  await makeUser('admin');
  await disableUser(system('test'), { userId: left.id });
  await changeRole(system('test'), { userId: demoted.id, role: 'operator' });
  await changeRole(system('test'), { userId: promoted.id, role: 'approver' });
  const counted = await prisma.approval.findMany({ where: { rotationId } });
  expect(counted.map(({ userId }) => userId)).toEqual([promoted.id]);
  expect(await auditBodies('rotation.approval_withdrawn')).toMatchObject([
    { rotationId, credential: 'c', of: 'Ben' },
    { rotationId, credential: 'c', of: 'Ben' },
  ]);
});
