import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { codeOf, stepAt } from '#core/access/totp.ts';
import { beginSecondFactor } from '#core/users/begin-second-factor.ts';
import { confirmSecondFactor } from '#core/users/confirm-second-factor.ts';
import { createUser } from '#core/users/create-user.ts';
import { signIn } from '#core/users/sign-in.ts';
import { signInWithIdentity } from '#core/users/sign-in-with-identity.ts';
import { stepUp } from '#core/users/step-up.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
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

const come = (provenAt?: Date, sessionBefore?: string) =>
  signInWithIdentity(system('test'), {
    issuer: 'https://login.example.com',
    sub: 'ada',
    email: 'ada@example.com',
    name: 'Ada',
    role: 'admin',
    address: '192.0.2.1',
    provenAt,
    sessionBefore,
  });
const ago = async (minutes: number) => new Date((await databaseTime()).getTime() - minutes * 60_000);

test('who came through the single sign-on and has nothing to give here is told to sign in there again', async () => {
  const { sessionId } = await come(await ago(0));
  const wish = { email: 'third@example.com', role: 'viewer' } as const;
  await later();
  await expect(createUser(await actorOf(sessionId), wish)).rejects.toMatchObject({
    code: 'step_up_required',
    message: expect.stringContaining('Sign in again at the single sign-on'),
  });
  await expect(stepUp(await actorOf(sessionId), { proof: PASSWORD })).rejects.toMatchObject({
    code: 'sign_in_again',
  });
  const again = await come(await ago(0), sessionId);
  await expect(createUser(await actorOf(again.sessionId), wish)).resolves.toHaveProperty('token');
  expect(await readSession(sessionId)).toBeNull();
});

test('a single sign-on that knew them still, or does not tell since when, is no step-up', async () => {
  const wish = { email: 'fourth@example.com', role: 'viewer' } as const;
  for (const provenAt of [await ago(6), undefined]) {
    const { sessionId } = await come(provenAt);
    const refused = { code: 'step_up_required' };
    await expect(createUser(await actorOf(sessionId), wish)).rejects.toMatchObject(refused);
    await expect(come(provenAt, sessionId)).rejects.toMatchObject({ status: 403, code: 'not_anew' });
    expect(await readSession(sessionId)).not.toBeNull();
  }
  expect((await auditBodies('session.refused')).at(-1)).toMatchObject({ email: 'ada@example.com' });
});

test('a time that lies ahead counts from now, so that a clock that is wrong makes no step-up last longer', async () => {
  const { sessionId } = await come(await ago(-60));
  await later();
  const wish = { email: 'fifth@example.com', role: 'viewer' } as const;
  await expect(createUser(await actorOf(sessionId), wish)).rejects.toMatchObject({
    code: 'step_up_required',
  });
});

test('who came through the single sign-on and has an authenticator gives a code of it', async () => {
  const { sessionId } = await come(await ago(0));
  const { secret } = await beginSecondFactor(await actorOf(sessionId), { host: 'rekey.test' });
  const code = async () => codeOf(new Plaintext(secret), stepAt(await databaseTime()));
  await confirmSecondFactor(await actorOf(sessionId), { code: await code() });
  await later();
  await stepUp(await actorOf(sessionId), { proof: await code() });
  const wish = { email: 'sixth@example.com', role: 'viewer' } as const;
  await expect(createUser(await actorOf(sessionId), wish)).resolves.toHaveProperty('token');
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
