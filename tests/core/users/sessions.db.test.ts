import { expect, test } from 'vitest';
import { readSession } from '#core/access/session.ts';
import { listAllSessions } from '#core/users/list-all-sessions.ts';
import { listSessions } from '#core/users/list-sessions.ts';
import { revokeOtherSessions } from '#core/users/revoke-other-sessions.ts';
import { revokeSession } from '#core/users/revoke-session.ts';
import { moveTime } from '#tests/support/database.ts';
import { auditBodies, makeUser, openSession } from '#tests/support/users.ts';

async function actorOf(sessionId: string) {
  const actor = await readSession(sessionId);
  if (actor === null) throw new Error('The session has ended.');
  return actor;
}

test('people see their own sessions only, and only those that count', async () => {
  const [ada, bob] = [await makeUser(), await makeUser()];
  await openSession(bob.email);
  const idle = await openSession(ada.email);
  await moveTime(process.env.DATABASE_URL ?? '', '61 minutes');
  const mine = await openSession(ada.email);
  const rows = await listSessions(await actorOf(mine), {});
  expect(rows.map(({ id }) => id)).toEqual([mine]);
  expect(rows[0]).toMatchObject({ address: '192.0.2.1' });
  expect(await readSession(idle)).toBeNull();
});

test('an admin sees everybody and ends anybody; the audit says whose session it was', async () => {
  const [admin, user] = [await makeUser('admin'), await makeUser('viewer')];
  const theirs = await openSession(user.email);
  const actor = await actorOf(await openSession(admin.email));
  expect((await listAllSessions(actor, {})).map(({ id }) => id)).toContain(theirs);
  await revokeSession(actor, { sessionId: theirs });
  expect(await readSession(theirs)).toBeNull();
  expect((await auditBodies('session.revoked')).at(-1)).toMatchObject({
    of: user.email,
    actor: { id: admin.id },
  });
});

test('nobody but an admin ends a session of somebody else, nor learns that there is one', async () => {
  const [mallory, victim] = [await makeUser('operator'), await makeUser('admin')];
  const theirs = await openSession(victim.email);
  const actor = await actorOf(await openSession(mallory.email));
  await expect(revokeSession(actor, { sessionId: theirs })).rejects.toMatchObject({ status: 404 });
  expect(await readSession(theirs)).not.toBeNull();
});

test('ending all others at once leaves the session that asks, and those of other people', async () => {
  const [ada, bob] = [await makeUser(), await makeUser()];
  const others = [await openSession(ada.email), await openSession(ada.email)];
  const [mine, bobs] = [await openSession(ada.email), await openSession(bob.email)];
  expect(await revokeOtherSessions(await actorOf(mine), {})).toEqual({ sessions: 2 });
  expect(await Promise.all(others.map(readSession))).toEqual([null, null]);
  expect(await readSession(mine)).not.toBeNull();
  expect(await readSession(bobs)).not.toBeNull();
});
