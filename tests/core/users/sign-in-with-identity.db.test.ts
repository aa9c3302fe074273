import { expect, test } from 'vitest';
import { type Role, system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { changeRole } from '#core/users/change-role.ts';
import { changeScope } from '#core/users/change-scope.ts';
import { signInWithIdentity } from '#core/users/sign-in-with-identity.ts';
import { db, inTransaction } from '#lib/db.ts';
import { untilWaiting } from '#tests/support/until-waiting.ts';
import { auditBodies, makeUser } from '#tests/support/users.ts';

const setup = system('test');
const signOn = { kind: 'system', id: null, name: 'single sign-on' };

const come = (name: string, role: Role | null) =>
  signInWithIdentity(setup, {
    issuer: 'https://login.example.com',
    sub: name,
    email: `${name}@example.com`,
    name,
    role,
    address: '192.0.2.1',
  });
const userOf = (name: string) =>
  db().prisma.user.findUniqueOrThrow({ where: { email: `${name}@example.com` } });

test('a sign-in that no group gives a role ends the other sessions of that person, and says so', async () => {
  const [here, there] = [await come('ada', 'operator'), await come('ada', 'operator')];
  const other = await come('eve', 'operator');
  await expect(come('ada', null)).rejects.toMatchObject({ code: 'no_role' });
  expect(await readSession(here.sessionId)).toBeNull();
  expect(await readSession(there.sessionId)).toBeNull();
  expect(await readSession(other.sessionId)).not.toBeNull();
  expect(await auditBodies('session.revoked')).toMatchObject([
    { of: 'ada@example.com', sessions: 2, actor: signOn },
  ]);
});

test('a role that the groups change counts at the next request of sessions that were open before', async () => {
  const { sessionId } = await come('bob', 'admin');
  await come('bob', 'viewer');
  expect(await readSession(sessionId)).toMatchObject({ role: 'viewer' });
  expect((await auditBodies('role.changed')).at(-1)).toMatchObject({
    email: 'bob@example.com',
    from: 'admin',
    to: 'viewer',
    actor: signOn,
  });
});

test('somebody limited is made an admin by nobody: neither by an admin nor by their groups', async () => {
  const { sessionId } = await come('cy', 'operator');
  const { id: userId } = await userOf('cy');
  await changeScope(setup, { userId, environments: ['staging'], labels: [] });
  const refused = { status: 409, code: 'admin_not_limited' };
  await expect(changeRole(setup, { userId, role: 'admin' })).rejects.toMatchObject(refused);
  await expect(come('cy', 'admin')).rejects.toMatchObject(refused);
  expect(await userOf('cy')).toMatchObject({ role: 'operator', environments: ['staging'] });
  expect(await readSession(sessionId)).toMatchObject({ role: 'operator' });
  expect((await auditBodies('session.refused')).at(-1)).toMatchObject({
    email: 'cy@example.com',
    reason: expect.stringContaining('An admin cannot be limited'),
  });
});

test('limits and the role admin that are given at the same moment are not both given', async () => {
  const { id: userId } = await makeUser('operator');
  const both = await inTransaction(async (client) => {
    await client.query('select 1 from users where id = $1 for update', [userId]);
    const promoting = changeRole(setup, { userId, role: 'admin' });
    await untilWaiting();
    const limiting = changeScope(setup, { userId, environments: ['staging'], labels: [] });
    return { done: Promise.allSettled([promoting, limiting]) };
  });
  const outcomes = await both.done;
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a sign-in that waits while the user is disabled is refused, and leaves no session', async () => {
  await come('dot', 'operator');
  const { id } = await userOf('dot');
  const { coming } = await inTransaction(async (client) => {
    await client.query('select 1 from users where id = $1 for update', [id]);
    const coming = Promise.allSettled([come('dot', 'operator')]);
    await untilWaiting();
    await client.query('update users set disabled_at = rekey_now() where id = $1', [id]);
    await client.query('update sessions set revoked_at = rekey_now() where user_id = $1', [id]);
    return { coming };
  });
  expect(await coming).toMatchObject([{ status: 'rejected', reason: { code: 'user_disabled' } }]);
  expect(await db().prisma.session.count({ where: { userId: id, revokedAt: null } })).toBe(0);
});
