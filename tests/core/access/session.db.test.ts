import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { signOut } from '#core/users/sign-out.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { auditBodies, makeUser, openSession } from '#tests/support/users.ts';

const wait = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);

async function actorOf(sessionId: string) {
  const actor = await readSession(sessionId);
  if (actor === null) throw new Error('The session has ended.');
  return actor;
}

test('a session answers who it belongs to, with the role of now', async () => {
  const user = await makeUser('auditor');
  const sessionId = await openSession(user.email);
  expect(await readSession(sessionId)).toMatchObject({ kind: 'user', id: user.id, role: 'auditor' });
});

test('an id that no session has answers nobody', async () => {
  expect(await readSession(randomUUID())).toBeNull();
});

test('an hour without a request ends a session, and a request after that does not bring it back', async () => {
  const { email } = await makeUser();
  const sessionId = await openSession(email);
  await wait('59 minutes');
  expect(await readSession(sessionId)).not.toBeNull();
  await wait('61 minutes');
  expect(await readSession(sessionId)).toBeNull();
  expect(await readSession(sessionId)).toBeNull();
});

test('each request keeps a session for another hour, but twelve hours end it whatever happens', async () => {
  const { email } = await makeUser();
  const sessionId = await openSession(email);
  for (let n = 0; n < 14; n += 1) {
    await wait('50 minutes');
    expect(await readSession(sessionId), `after ${(n + 1) * 50} minutes`).not.toBeNull();
  }
  await wait('21 minutes');
  expect(await readSession(sessionId)).toBeNull();
});

test('a session that is signed out counts no more at once, and others of the same user stay', async () => {
  const { email } = await makeUser();
  const [gone, kept] = [await openSession(email), await openSession(email)];
  await signOut(await actorOf(gone), { sessionId: gone });
  expect(await readSession(gone)).toBeNull();
  expect(await readSession(kept)).not.toBeNull();
});

test('signing out is recorded once, also when it is asked twice', async () => {
  const user = await makeUser();
  const sessionId = await openSession(user.email);
  const actor = await actorOf(sessionId);
  await signOut(actor, { sessionId });
  await signOut(actor, { sessionId });
  const bodies = await auditBodies('session.revoked');
  expect(bodies.filter((body) => (body.actor as { id: string }).id === user.id)).toHaveLength(1);
});

test('nobody signs somebody else out', async () => {
  const [mallory, victim] = [await makeUser('admin'), await makeUser()];
  const theirs = await openSession(victim.email);
  const before = (await auditBodies('session.revoked')).length;
  await signOut(await actorOf(await openSession(mallory.email)), { sessionId: theirs });
  await signOut(system('test'), { sessionId: theirs });
  expect(await readSession(theirs)).not.toBeNull();
  expect(await auditBodies('session.revoked')).toHaveLength(before);
});

test('a changed role counts at the next request', async () => {
  const user = await makeUser('admin');
  const sessionId = await openSession(user.email);
  await db().prisma.user.update({ where: { id: user.id }, data: { role: 'viewer' } });
  expect(await readSession(sessionId)).toMatchObject({ role: 'viewer' });
});

test('a role that this version does not know opens nothing', async () => {
  const user = await makeUser();
  const sessionId = await openSession(user.email);
  await db().prisma.user.update({ where: { id: user.id }, data: { role: 'owner' } });
  expect(await readSession(sessionId)).toBeNull();
});

test('disabling a user ends their sessions at once', async () => {
  const user = await makeUser();
  const sessionId = await openSession(user.email);
  await db().prisma.user.update({ where: { id: user.id }, data: { disabledAt: new Date() } });
  expect(await readSession(sessionId)).toBeNull();
});
