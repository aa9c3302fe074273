import { afterEach, expect, test } from 'vitest';
import { type Actor, type Role, system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { codeOf, stepAt } from '#core/access/totp.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { beginSecondFactor } from '#core/users/begin-second-factor.ts';
import { changePassword } from '#core/users/change-password.ts';
import { confirmSecondFactor } from '#core/users/confirm-second-factor.ts';
import { readAccount } from '#core/users/read-account.ts';
import { readSecondFactorRule } from '#core/users/read-second-factor-rule.ts';
import { removeSecondFactor } from '#core/users/remove-second-factor.ts';
import { requireSecondFactor } from '#core/users/require-second-factor.ts';
import { signInWithIdentity } from '#core/users/sign-in-with-identity.ts';
import { signOut } from '#core/users/sign-out.ts';
import { waiveSecondFactor } from '#core/users/waive-second-factor.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { auditBodies, makeUser, openSession, PASSWORD } from '#tests/support/users.ts';

afterEach(() => db().pool.query('delete from second_factor_rule'));

async function sessionOf(sessionId: string): Promise<Extract<Actor, { kind: 'user' }>> {
  const actor = await readSession(sessionId);
  if (actor === null) throw new Error('The session has ended.');
  return actor;
}

async function signedIn(role: Role) {
  const sessionId = await openSession((await makeUser(role)).email);
  return { sessionId, actor: await sessionOf(sessionId) };
}

async function enrol(actor: Actor): Promise<void> {
  const { secret } = await beginSecondFactor(actor, { host: 'rekey.test' });
  await confirmSecondFactor(actor, {
    code: codeOf(new Plaintext(secret), stepAt(await databaseTime())),
  });
}

test('the rule is made by an admin with a fresh sign-in who has a second factor, and by no program', async () => {
  const { actor } = await signedIn('admin');
  await expect(requireSecondFactor(actor, {})).rejects.toMatchObject({ code: 'no_second_factor' });
  await enrol(actor);
  await expect(requireSecondFactor({ ...actor, stepUpAt: new Date(0) }, {})).rejects.toMatchObject({
    code: 'step_up_required',
  });
  await expect(requireSecondFactor({ ...actor, kind: 'api_client' }, {})).rejects.toMatchObject({
    status: 403,
  });
  await requireSecondFactor(actor, {});
  await requireSecondFactor(actor, {});
  expect((await readSecondFactorRule(actor, {})).required).toMatchObject({ by: actor.name });
  expect(await auditBodies('second_factor.required')).toHaveLength(1);
  await waiveSecondFactor(actor, {});
  expect((await readSecondFactorRule(actor, {})).required).toBeNull();
  expect(await auditBodies('second_factor.waived')).toHaveLength(1);
});

test('from the moment of the rule a session without a second factor does nothing but set one up, and then everything', async () => {
  const { sessionId, actor: before } = await signedIn('operator');
  expect(before.lacksSecondFactor).toBe(false);
  const admin = (await signedIn('admin')).actor;
  await enrol(admin);
  await requireSecondFactor(admin, {});
  const actor = await sessionOf(sessionId);
  const refused = { status: 403, code: 'second_factor_required' };
  await expect(searchCredentials(actor, {})).rejects.toMatchObject(refused);
  const wish = { current: PASSWORD, next: 'another long password' };
  await expect(changePassword(actor, wish as never)).rejects.toMatchObject(refused);
  expect(await readAccount(actor, {})).toMatchObject({ hasSecondFactor: false });
  await enrol(actor);
  const since = await sessionOf(sessionId);
  expect((await searchCredentials(since, {})).items).toEqual([]);
  await removeSecondFactor(since, {});
  await expect(searchCredentials(await sessionOf(sessionId), {})).rejects.toMatchObject(refused);
  await signOut(await sessionOf(sessionId), { sessionId });
});

test('who came through the single sign-on, API clients and the system are not concerned; the same person with a password is', async () => {
  await db().prisma.secondFactorRule.create({ data: { by: 'test' } });
  const { sessionId } = await signInWithIdentity(system('test'), {
    issuer: 'https://login.example.com',
    sub: 'ada',
    email: 'ada@example.com',
    name: 'Ada',
    role: 'operator',
    address: '192.0.2.1',
  });
  const actor = await sessionOf(sessionId);
  expect(actor.lacksSecondFactor).toBe(false);
  const others: Actor[] = [actor, { ...actor, kind: 'api_client' }, system('test')];
  for (const one of others) {
    expect((await searchCredentials(one, {})).items).toEqual([]);
  }
  await db().pool.query('update sessions set single_sign_on = false where id = $1', [sessionId]);
  expect((await sessionOf(sessionId)).lacksSecondFactor).toBe(true);
});
