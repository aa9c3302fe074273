import { expect, test } from 'vitest';
import type { Role } from '#core/access/actor.ts';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { codeOf, stepAt } from '#core/access/totp.ts';
import { beginSecondFactor } from '#core/users/begin-second-factor.ts';
import { confirmSecondFactor } from '#core/users/confirm-second-factor.ts';
import { readAccount } from '#core/users/read-account.ts';
import { removeSecondFactor } from '#core/users/remove-second-factor.ts';
import { resetSecondFactor } from '#core/users/reset-second-factor.ts';
import { signIn } from '#core/users/sign-in.ts';
import { stepUp } from '#core/users/step-up.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { moveTime } from '#tests/support/database.ts';
import { withConnections } from '#tests/support/small-pool.ts';
import { auditBodies, makeUser, openSession, PASSWORD } from '#tests/support/users.ts';

const ADDRESS = '192.0.2.30';

async function actorOf(sessionId: string) {
  const actor = await readSession(sessionId);
  if (actor === null) throw new Error('The session has ended.');
  return actor;
}

const codeNow = async (secret: string) => codeOf(new Plaintext(secret), stepAt(await databaseTime()));

/** So that no code of before counts, and the next one was not used yet. */
const nextStep = () => moveTime(process.env.DATABASE_URL ?? '', '91 seconds');

/** Somebody with a second factor, a code of which was just used. */
async function enrolled(role: Role = 'operator') {
  const user = await makeUser(role);
  const actor = await actorOf(await openSession(user.email));
  const { secret } = await beginSecondFactor(actor, { host: 'rekey.test' });
  const code = await codeNow(secret);
  // One connection is enough: many at once do not wait for each other.
  const { recoveryCodes } = await withConnections(1, () => confirmSecondFactor(actor, { code }));
  return { ...user, actor, secret, recoveryCodes };
}

const knock = (email: string, code?: string, address = ADDRESS) =>
  signIn(system('sign-in'), { email, password: PASSWORD, address, ...(code === undefined ? {} : { code }) });

test('with a second factor the password alone opens nothing, and with the code of now it does', async () => {
  const { email, secret } = await enrolled();
  await nextStep();
  await expect(knock(email)).rejects.toMatchObject({ status: 401, code: 'code_required' });
  await expect(knock(email, '')).rejects.toMatchObject({ code: 'code_refused' });
  await expect(knock(email, await codeNow(secret))).resolves.toHaveProperty('sessionId');
});

test('a wrong password is refused as always, and does not tell that there is a second factor', async () => {
  const { email, secret } = await enrolled();
  await nextStep();
  const attempt = signIn(system('test'), {
    email,
    password: 'wrong',
    code: await codeNow(secret),
    address: ADDRESS,
  });
  await expect(attempt).rejects.toMatchObject({ code: 'sign_in_refused' });
});

test('a code is taken once, also when it is sent several times at once', async () => {
  const { email, secret } = await enrolled();
  await nextStep();
  const code = await codeNow(secret);
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => knock(email, code)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(knock(email, code)).rejects.toMatchObject({ code: 'code_refused' });
});

test('the code that turned the second factor on signs nobody in', async () => {
  const { email, secret } = await enrolled();
  await expect(knock(email, await codeNow(secret))).rejects.toMatchObject({ code: 'code_refused' });
});

test('a recovery code stands in once, written in any way, and only for its owner', async () => {
  const { email, recoveryCodes, actor } = await enrolled();
  const other = await enrolled();
  const [first = ''] = recoveryCodes;
  await expect(knock(other.email, first)).rejects.toMatchObject({ code: 'code_refused' });
  await expect(knock(email, ` ${first.toLowerCase().replaceAll('-', ' ')} `)).resolves.toHaveProperty(
    'sessionId',
  );
  await expect(knock(email, first)).rejects.toMatchObject({ code: 'code_refused' });
  expect(await readAccount(actor, {})).toMatchObject({ hasSecondFactor: true, recoveryCodes: 9 });
});

test('guessed codes are counted whatever the address, and a recovery code still lets the owner in', async () => {
  const { email, secret, recoveryCodes } = await enrolled();
  await nextStep();
  const right = await codeNow(secret);
  const wrong = right === '000000' ? '000001' : '000000';
  for (let n = 0; n < 10; n += 1) {
    await expect(knock(email, wrong, `203.0.113.${n}`)).rejects.toMatchObject({ code: 'code_refused' });
  }
  for (const address of ['203.0.113.98', '203.0.113.99']) {
    await expect(knock(email, right, address)).rejects.toMatchObject({
      status: 429,
      message: expect.stringMatching(
        /^Too many wrong codes for your account\. A recovery code still lets you in/,
      ),
    });
  }
  const told = (await auditBodies('session.refused')).filter((body) => body.email === email);
  expect(told).toHaveLength(11);
  expect(told.at(-1)).toMatchObject({
    address: '203.0.113.98',
    reason: expect.stringContaining('too many codes'),
  });
  await expect(knock(email, recoveryCodes[3], '198.51.100.7')).resolves.toHaveProperty('sessionId');
});

test('until a code was given the second factor asks nobody for one', async () => {
  const { email } = await makeUser();
  const actor = await actorOf(await openSession(email));
  const { secret } = await beginSecondFactor(actor, { host: 'rekey.test' });
  await expect(knock(email)).resolves.toHaveProperty('sessionId');
  await expect(stepUp(actor, { proof: await codeNow(secret) })).rejects.toMatchObject({
    code: 'step_up_refused',
  });
  await expect(confirmSecondFactor(actor, { code: '12345' })).rejects.toMatchObject({ code: 'wrong_code' });
  await expect(knock(email)).resolves.toHaveProperty('sessionId');
});

test('nobody replaces a second factor that counts without removing it first', async () => {
  const { actor } = await enrolled();
  await expect(beginSecondFactor(actor, { host: 'rekey.test' })).rejects.toMatchObject({
    code: 'second_factor_exists',
  });
});

test('a code serves for a step-up, once', async () => {
  const { actor, secret } = await enrolled();
  await nextStep();
  const proof = await codeNow(secret);
  await stepUp(actor, { proof });
  await expect(stepUp(actor, { proof })).rejects.toMatchObject({ code: 'step_up_refused' });
});

test('adding, changing and removing it takes a step-up', async () => {
  const { actor } = await enrolled('admin');
  await moveTime(process.env.DATABASE_URL ?? '', '6 minutes');
  const refused = { code: 'step_up_required' };
  await expect(removeSecondFactor(actor, {})).rejects.toMatchObject(refused);
  await expect(beginSecondFactor(actor, { host: 'x' })).rejects.toMatchObject(refused);
  await expect(resetSecondFactor(actor, { userId: actor.id })).rejects.toMatchObject(refused);
});

test('an admin resets it for somebody who lost their phone: sessions end, the password signs in, and it is recorded', async () => {
  const admin = await makeUser('admin');
  const user = await enrolled();
  await resetSecondFactor(await actorOf(await openSession(admin.email)), { userId: user.id });
  expect(await readSession(user.actor.sessionId ?? '')).toBeNull();
  await expect(knock(user.email)).resolves.toHaveProperty('sessionId');
  expect((await auditBodies('second_factor.removed')).at(-1)).toMatchObject({
    of: user.email,
    actor: { id: admin.id },
  });
  await expect(knock(user.email, user.recoveryCodes[0])).resolves.toHaveProperty('sessionId');
});

test('neither the secret nor a recovery code stands in the database', async () => {
  const { secret, recoveryCodes } = await enrolled();
  const { rows } = await db().pool.query<{ text: string }>(
    `select row_to_json(f)::text as text from second_factors f
     union all select row_to_json(r)::text from recovery_codes r
     union all select body from audit_events`,
  );
  const all = rows.map(({ text }) => text).join('\n');
  expect(all).not.toContain(secret);
  for (const code of recoveryCodes) {
    expect(all).not.toContain(code);
    expect(all).not.toContain(code.replaceAll('-', ''));
  }
});
