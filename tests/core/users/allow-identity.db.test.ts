import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { allowIdentity } from '#core/users/allow-identity.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { disableUser } from '#core/users/disable-user.ts';
import { enableUser } from '#core/users/enable-user.ts';
import { listUsers } from '#core/users/list-users.ts';
import { renewLink } from '#core/users/renew-link.ts';
import { signIn } from '#core/users/sign-in.ts';
import { signInWithIdentity } from '#core/users/sign-in-with-identity.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { moveTime } from '#tests/support/database.ts';
import { auditBodies, makeUser, openSession, PASSWORD } from '#tests/support/users.ts';

const setup = system('test');
const OLD = 'https://old.example.com';
const NEW = 'https://new.example.com';
const taken = { status: 409, code: 'email_taken' };

const come = (email: string, issuer: string, sub: string, emailIsVerified = true) =>
  signInWithIdentity(setup, {
    issuer,
    sub,
    email,
    emailIsVerified,
    name: 'Ada',
    role: 'operator',
    address: '192.0.2.1',
  });
const idOf = async (email: string) => (await db().prisma.user.findUniqueOrThrow({ where: { email } })).id;
const whose = async ({ sessionId }: { sessionId: string }) => (await readSession(sessionId))?.id;

test('who comes with another identity is refused until an admin allows it, and is who they were then, once', async () => {
  const email = 'ada@example.com';
  const before = await come(email, OLD, 'ada');
  const userId = await idOf(email);
  await expect(come(email, NEW, '17')).rejects.toMatchObject(taken);
  await allowIdentity(setup, { userId });
  expect(await readSession(before.sessionId)).not.toBeNull();
  expect(await whose(await come(email, NEW, '17'))).toBe(userId);
  expect(await readSession(before.sessionId)).toBeNull();
  await expect(come(email, NEW, '18')).rejects.toMatchObject(taken);
  await expect(come(email, OLD, 'ada')).rejects.toMatchObject(taken);
  expect(await whose(await come(email, NEW, '17'))).toBe(userId);
  expect(await auditBodies('user.identity_allowed')).toMatchObject([{ email, actor: { name: 'test' } }]);
  expect(await auditBodies('user.identity_replaced')).toMatchObject([
    { email, issuer: NEW, actor: { name: 'single sign-on' } },
  ]);
});

test('what is allowed ends after 24 hours, and the list says until when', async () => {
  const email = 'bob@example.com';
  await come(email, OLD, 'bob');
  const userId = await idOf(email);
  const until = async () =>
    (await listUsers(setup, {})).find(({ id }) => id === userId)?.identityAllowedUntil;
  await allowIdentity(setup, { userId });
  expect(await until()).not.toBeNull();
  await moveTime(process.env.DATABASE_URL ?? '', '25 hours');
  expect(await until()).toBeNull();
  await expect(come(email, NEW, 'bob')).rejects.toMatchObject(taken);
});

test('an e-mail that the single sign-on does not call verified takes nothing, and leaves what is allowed', async () => {
  const email = 'cy@example.com';
  await come(email, OLD, 'cy');
  const userId = await idOf(email);
  await allowIdentity(setup, { userId });
  await expect(come(email, NEW, 'somebody', false)).rejects.toMatchObject(taken);
  expect(await whose(await come(email, NEW, 'cy'))).toBe(userId);
});

test('who began with a password comes through the single sign-on then, and password and link let nobody in any more', async () => {
  const { id: userId, email } = await makeUser();
  const session = await openSession(email);
  const { token } = await renewLink(setup, { userId });
  await allowIdentity(setup, { userId });
  await openSession(email);
  expect(await whose(await come(email, NEW, 'dan'))).toBe(userId);
  expect(await readSession(session)).toBeNull();
  const again = signIn(setup, { email, password: PASSWORD, address: '192.0.2.1' });
  await expect(again).rejects.toMatchObject({ code: 'sign_in_refused' });
  await expect(choosePassword(setup, { token, password: PASSWORD })).rejects.toMatchObject({
    code: 'link_spent',
  });
});

test('of two who come at the same moment one is let in', async () => {
  const { id: userId, email } = await makeUser();
  await allowIdentity(setup, { userId });
  const both = await Promise.allSettled(['one', 'two'].map((sub) => come(email, NEW, sub)));
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await db().prisma.identity.count({ where: { userId } })).toBe(1);
});

test('who is disabled or not here is allowed nothing, and disabling takes back what was', async () => {
  await makeUser('admin');
  const { id: userId, email } = await makeUser();
  await allowIdentity(setup, { userId });
  await disableUser(setup, { userId });
  await expect(allowIdentity(setup, { userId })).rejects.toMatchObject({
    status: 409,
    code: 'user_disabled',
  });
  await enableUser(setup, { userId });
  await expect(come(email, NEW, 'eve')).rejects.toMatchObject(taken);
  await expect(allowIdentity(setup, { userId: newId() })).rejects.toMatchObject({ status: 404 });
});
