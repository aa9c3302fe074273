import { expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { changePassword } from '#core/users/change-password.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { createUser } from '#core/users/create-user.ts';
import { disableUser } from '#core/users/disable-user.ts';
import { renewLink } from '#core/users/renew-link.ts';
import { signIn } from '#core/users/sign-in.ts';
import { signInWithIdentity } from '#core/users/sign-in-with-identity.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { auditBodies, makeUser, openSession, PASSWORD } from '#tests/support/users.ts';

const setup = system('test');
const ANOTHER = 'another long password';

const enter = (email: string, password: string) => signIn(setup, { email, password, address: '192.0.2.1' });
const choose = (token: string) => choosePassword(setup, { token, password: ANOTHER });

test('who forgot their password chooses another one with a new link: until then nothing changes, and then all their sessions end', async () => {
  const [{ id: userId, email }, other] = [await makeUser(), await makeUser()];
  const sessions = [await openSession(email), await openSession(email)];
  const theirs = await openSession(other.email);
  const { token } = await renewLink(setup, { userId });
  await enter(email, PASSWORD);
  expect(await readSession(sessions[0] ?? '')).not.toBeNull();
  expect(await choose(token)).toEqual({ email });
  for (const sessionId of sessions) {
    expect(await readSession(sessionId)).toBeNull();
  }
  expect(await readSession(theirs)).not.toBeNull();
  await expect(enter(email, PASSWORD)).rejects.toMatchObject({ code: 'sign_in_refused' });
  await enter(email, ANOTHER);
  expect((await auditBodies('user.invited')).at(-1)).toMatchObject({ email, role: 'operator' });
  const { rows } = await db().pool.query('select row_to_json(e)::text as row from audit_events e');
  expect(JSON.stringify(rows)).not.toContain(token);
});

test('a new link voids the one before, of an invitation too, and of several made at once one is left', async () => {
  const invited = await createUser(setup, { email: 'lost@example.com', role: 'viewer' });
  const made = await Promise.all(Array.from({ length: 5 }, () => renewLink(setup, { userId: invited.id })));
  await expect(choose(invited.token)).rejects.toMatchObject({ code: 'link_spent' });
  const chosen = await Promise.allSettled(made.map(({ token }) => choose(token)));
  expect(chosen.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a link is void once its user has changed their password', async () => {
  const { id: userId, email } = await makeUser();
  const { token } = await renewLink(setup, { userId });
  const actor = await readSession(await openSession(email));
  await changePassword(actor as Actor, { password: 'remembered it after all' });
  await expect(choose(token)).rejects.toMatchObject({ code: 'link_spent' });
});

test('who is disabled, comes through the single sign-on or is not here gets no link', async () => {
  await makeUser('admin');
  const { id: userId } = await makeUser();
  await disableUser(setup, { userId });
  await expect(renewLink(setup, { userId })).rejects.toMatchObject({ status: 409, code: 'user_disabled' });
  const person = { email: 'ada@example.com', name: 'Ada', role: 'viewer', address: '192.0.2.1' } as const;
  await signInWithIdentity(setup, { issuer: 'https://login.example.com', sub: 'ada', ...person });
  const ada = await db().prisma.user.findUniqueOrThrow({ where: { email: person.email } });
  const refused = { status: 409, code: 'no_password' };
  await expect(renewLink(setup, { userId: ada.id })).rejects.toMatchObject(refused);
  await expect(renewLink(setup, { userId: newId() })).rejects.toMatchObject({ status: 404 });
  expect(
    await db().prisma.signInLink.count({ where: { userId: { in: [userId, ada.id] }, usedAt: null } }),
  ).toBe(0);
});
