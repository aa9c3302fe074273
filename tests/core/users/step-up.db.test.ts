import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { createUser } from '#core/users/create-user.ts';
import { signIn } from '#core/users/sign-in.ts';
import { stepUp } from '#core/users/step-up.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { auditBodies, makeUser, openSession, PASSWORD } from '#tests/support/users.ts';

async function actorOf(sessionId: string) {
  const actor = await readSession(sessionId);
  if (actor === null) throw new Error('The session has ended.');
  return actor;
}

const later = () => moveTime(process.env.DATABASE_URL ?? '', '6 minutes');

test('after five minutes a step-up action is refused, and the password given again lets it go on', async () => {
  const admin = await makeUser('admin');
  const sessionId = await openSession(admin.email);
  await later();
  const wish = { email: 'somebody@example.com', role: 'viewer' } as const;
  await expect(createUser(await actorOf(sessionId), wish)).rejects.toMatchObject({
    code: 'step_up_required',
  });
  await stepUp(await actorOf(sessionId), { proof: PASSWORD });
  await expect(createUser(await actorOf(sessionId), wish)).resolves.toHaveProperty('token');
  expect((await auditBodies('session.stepped_up')).at(-1)).toMatchObject({ actor: { id: admin.id } });
});

test('only the session that gave the password is stepped up, not others of the same user', async () => {
  const admin = await makeUser('admin');
  const [mine, other] = [await openSession(admin.email), await openSession(admin.email)];
  await later();
  await stepUp(await actorOf(mine), { proof: PASSWORD });
  const wish = { email: 'nobody@example.com', role: 'viewer' } as const;
  await expect(createUser(await actorOf(other), wish)).rejects.toMatchObject({ code: 'step_up_required' });
});

test('a wrong password steps nothing up, is recorded, and the eleventh guess is not even tried and recorded as the last one', async () => {
  const user = await makeUser('admin');
  const sessionId = await openSession(user.email);
  await later();
  const before = (await actorOf(sessionId)).stepUpAt;
  for (let n = 0; n < 10; n += 1) {
    await expect(stepUp(await actorOf(sessionId), { proof: 'canary-guess' })).rejects.toMatchObject({
      code: 'step_up_refused',
    });
  }
  for (let n = 0; n < 2; n += 1) {
    await expect(stepUp(await actorOf(sessionId), { proof: PASSWORD })).rejects.toMatchObject({
      status: 429,
      message: expect.stringMatching(/^Too many wrong passwords or codes for your account/),
    });
  }
  expect((await actorOf(sessionId)).stepUpAt).toEqual(before);
  const told = (await auditBodies('session.step_up_refused')).filter(
    ({ actor }) => (actor as { id: string }).id === user.id,
  );
  expect(told).toHaveLength(11);
  expect(told.at(-1)).toMatchObject({ outcome: 'failure', reason: expect.any(String) });
  const { rows } = await db().pool.query(`select 1 from audit_events where body like '%canary-guess%'`);
  expect(rows).toEqual([]);
});

test('whoever guesses with a stolen session does not keep its owner from signing in', async () => {
  const user = await makeUser();
  const stolen = await actorOf(await openSession(user.email));
  for (let n = 0; n < 11; n += 1) {
    await stepUp(stolen, { proof: 'wrong' }).catch(() => {});
  }
  const signedIn = signIn(system('test'), { email: user.email, password: PASSWORD, address: '192.0.2.1' });
  await expect(signedIn).resolves.toHaveProperty('sessionId');
});

test('failed attempts that count no more are removed', async () => {
  const user = await makeUser();
  await signIn(system('test'), { email: user.email, password: 'wrong', address: '198.51.100.1' }).catch(
    () => {},
  );
  await moveTime(process.env.DATABASE_URL ?? '', '16 minutes');
  await openSession(user.email);
  expect(await db().prisma.signInFailure.count()).toBe(0);
});
