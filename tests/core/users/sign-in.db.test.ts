import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { signIn } from '#core/users/sign-in.ts';
import { db, inTransaction } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { untilWaiting } from '#tests/support/until-waiting.ts';
import { auditBodies, makeUser, PASSWORD } from '#tests/support/users.ts';

const HOME = '192.0.2.10';
const ATTACKER = '203.0.113.66';

const knock = (email: string, password: string, address = HOME) =>
  signIn(system('sign-in'), { email, password, address });

async function refusal(attempt: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await attempt;
  } catch (error) {
    return { ...(error as object), message: (error as Error).message };
  }
  throw new Error('The sign-in was accepted.');
}

async function failTimes(times: number, email: string, address: string): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    expect((await refusal(knock(email, 'wrong', address))).status).toBe(401);
  }
}

test('the right password opens a session of that user, and this is recorded', async () => {
  const user = await makeUser('approver');
  const { sessionId } = await knock(`  ${user.email.toUpperCase()} `, PASSWORD);
  expect(await readSession(sessionId)).toMatchObject({ kind: 'user', id: user.id, role: 'approver' });
  const bodies = await auditBodies('session.opened');
  expect(bodies.at(-1)).toMatchObject({ outcome: 'success', address: HOME, actor: { id: user.id } });
});

test('a wrong password, an unknown e-mail, a disabled user and one without a password are refused with the same words', async () => {
  const user = await makeUser();
  const disabled = await makeUser();
  await db().prisma.user.update({ where: { id: disabled.id }, data: { disabledAt: new Date() } });
  const bare = await db().prisma.user.create({
    data: { email: 'bare@example.com', name: 'B', role: 'viewer' },
  });
  const first = await refusal(knock(user.email, 'wrong'));
  expect(first).toMatchObject({ status: 401, code: 'sign_in_refused' });
  expect(await refusal(knock('nobody@example.com', 'wrong'))).toEqual(first);
  expect(await refusal(knock(disabled.email, PASSWORD))).toEqual(first);
  expect(await refusal(knock(bare.email, ''))).toEqual(first);
  expect(await db().prisma.session.count({ where: { userId: { in: [disabled.id, bare.id] } } })).toBe(0);
});

test.each([
  ['the password is changed', "update users set password_hash = 'another' where id = $1"],
  ['the user is disabled', 'update users set disabled_at = rekey_now() where id = $1'],
])('a sign-in that waits while %s is refused, and leaves no session', async (_what, change) => {
  const { id, email } = await makeUser();
  const { knocked } = await inTransaction(async (client) => {
    await client.query('select 1 from users where id = $1 for update', [id]);
    const knocked = refusal(knock(email, PASSWORD));
    await untilWaiting();
    await client.query(change, [id]);
    await client.query('update sessions set revoked_at = rekey_now() where user_id = $1', [id]);
    return { knocked };
  });
  expect(await knocked).toMatchObject({ status: 401, code: 'sign_in_refused' });
  expect(await db().prisma.session.count({ where: { userId: id, revokedAt: null } })).toBe(0);
  expect((await auditBodies('session.refused')).at(-1)).toMatchObject({ outcome: 'failure', email });
});

test('a refused sign-in is recorded with e-mail and address, and never with the password', async () => {
  const user = await makeUser();
  await refusal(knock(user.email, 'canary-guess', ATTACKER));
  await refusal(knock('stranger@example.com', 'canary-guess', ATTACKER));
  const bodies = (await auditBodies('session.refused')).slice(-2);
  expect(bodies[0]).toMatchObject({ outcome: 'failure', email: user.email, address: ATTACKER });
  expect(bodies[1]).toMatchObject({ outcome: 'failure', email: 'stranger@example.com' });
  const { rows } = await db().pool.query(`select * from audit_events where body like '%canary-guess%'`);
  expect(rows).toEqual([]);
});

test('ten failures from one address block that address for this e-mail, also with the right password', async () => {
  const user = await makeUser();
  await failTimes(10, user.email, ATTACKER);
  expect(await refusal(knock(user.email, PASSWORD, ATTACKER))).toMatchObject({
    status: 429,
    code: 'too_many_sign_ins',
  });
});

test('of the attempts that are one too many the first is recorded, and no later one', async () => {
  const { email } = await makeUser();
  await failTimes(10, email, ATTACKER);
  for (let n = 0; n < 3; n += 1) {
    expect(await refusal(knock(email, PASSWORD, ATTACKER))).toMatchObject({ status: 429 });
  }
  const told = (await auditBodies('session.refused')).filter((body) => body.email === email);
  expect(told).toHaveLength(11);
  expect(told.at(-1)).toMatchObject({
    address: ATTACKER,
    reason: expect.stringContaining('Too many attempts'),
  });
});

test('nobody can lock somebody else out: from other addresses the user still signs in', async () => {
  const user = await makeUser();
  await failTimes(10, user.email, ATTACKER);
  await expect(knock(user.email, PASSWORD, HOME)).resolves.toHaveProperty('sessionId');
  expect(await refusal(knock(user.email, PASSWORD, ATTACKER))).toMatchObject({ status: 429 });
});

test('others behind the same address still sign in', async () => {
  const [victim, colleague] = [await makeUser(), await makeUser()];
  await failTimes(10, victim.email, ATTACKER);
  await expect(knock(colleague.email, PASSWORD, ATTACKER)).resolves.toHaveProperty('sessionId');
});

test('an unknown e-mail is blocked like a known one, so the block tells nothing', async () => {
  await failTimes(10, 'ghost@example.com', ATTACKER);
  expect(await refusal(knock('ghost@example.com', 'wrong', ATTACKER))).toMatchObject({ status: 429 });
});

test('a success wipes the failures before it, and a block ends after 15 minutes', async () => {
  const user = await makeUser();
  await failTimes(9, user.email, HOME);
  await knock(user.email, PASSWORD, HOME);
  await failTimes(10, user.email, HOME);
  expect(await refusal(knock(user.email, PASSWORD, HOME))).toMatchObject({ status: 429 });
  await moveTime(process.env.DATABASE_URL ?? '', '14 minutes');
  expect(await refusal(knock(user.email, PASSWORD, HOME))).toMatchObject({ status: 429 });
  await moveTime(process.env.DATABASE_URL ?? '', '2 minutes');
  await expect(knock(user.email, PASSWORD, HOME)).resolves.toHaveProperty('sessionId');
});

test('guesses from many addresses of one IPv6 network are counted together, and other networks are not locked out', async () => {
  const { email } = await makeUser();
  for (let n = 1; n <= 10; n += 1) {
    await failTimes(1, email, `2001:db8:0:1::${n}`);
  }
  expect(await refusal(knock(email, PASSWORD, '2001:db8:0:1:ffff::1'))).toMatchObject({
    code: 'too_many_sign_ins',
  });
  await knock(email, PASSWORD, '2001:db8:0:2::1');
});

test('guesses sent all at once are counted like guesses sent one by one', async () => {
  const user = await makeUser();
  const guesses = await Promise.all(
    Array.from({ length: 30 }, () => refusal(knock(user.email, 'wrong', ATTACKER))),
  );
  expect(guesses.filter((guess) => guess.status === 401).length).toBeLessThanOrEqual(10);
  expect(guesses.filter((guess) => guess.status === 429).length).toBeGreaterThanOrEqual(20);
});
