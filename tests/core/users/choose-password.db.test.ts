import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { createUser } from '#core/users/create-user.ts';
import { signIn } from '#core/users/sign-in.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { auditBodies } from '#tests/support/users.ts';

const GOOD = 'twelve chars';
let count = 0;

async function invite(): Promise<{ email: string; token: string }> {
  count += 1;
  const email = `invited${count}@example.com`;
  const { token } = await createUser(system('test'), { email, role: 'viewer' });
  return { email, token };
}

const choose = (token: string, password: string) => choosePassword(system('test'), { token, password });
const enter = (email: string, password: string) =>
  signIn(system('test'), { email, password, address: '192.0.2.1' });

test('a link lets its user choose the password they then sign in with, and this is recorded', async () => {
  const { email, token } = await invite();
  expect(await choose(token, GOOD)).toEqual({ email });
  await expect(enter(email, GOOD)).resolves.toHaveProperty('sessionId');
  expect((await auditBodies('user.password_chosen')).at(-1)).toMatchObject({ actor: { name: email } });
});

test('a link works once', async () => {
  const { email, token } = await invite();
  await choose(token, GOOD);
  await expect(choose(token, 'another password')).rejects.toMatchObject({ status: 404, code: 'link_spent' });
  await expect(enter(email, 'another password')).rejects.toMatchObject({ status: 401 });
  await expect(enter(email, GOOD)).resolves.toHaveProperty('sessionId');
});

test('a link works once also for several at the same time', async () => {
  const { email, token } = await invite();
  const passwords = Array.from({ length: 6 }, (_, n) => `password number ${n}`);
  const results = await Promise.allSettled(passwords.map((password) => choose(token, password)));
  const winners = passwords.filter((_, n) => results[n]?.status === 'fulfilled');
  expect(winners).toHaveLength(1);
  await expect(enter(email, winners[0] ?? '')).resolves.toHaveProperty('sessionId');
});

test('a link works just before 24 hours and not after', async () => {
  const [early, late] = [await invite(), await invite()];
  await moveTime(process.env.DATABASE_URL ?? '', '23 hours 59 minutes');
  await expect(choose(early.token, GOOD)).resolves.toEqual({ email: early.email });
  await moveTime(process.env.DATABASE_URL ?? '', '2 minutes');
  await expect(choose(late.token, GOOD)).rejects.toMatchObject({ status: 404, code: 'link_spent' });
  await expect(enter(late.email, GOOD)).rejects.toMatchObject({ status: 401 });
});

test('a token that was never given out is refused with the words of a spent one', async () => {
  await expect(choose('guess', GOOD)).rejects.toMatchObject({ status: 404, code: 'link_spent' });
});

test.each([
  ['eleven cha', 400],
  ['', 400],
  ['x'.repeat(1025), 400],
])('a password of a wrong length is refused and leaves the link usable', async (password, status) => {
  const { email, token } = await invite();
  await expect(choose(token, password)).rejects.toMatchObject({ status, code: 'bad_input' });
  await expect(choose(token, GOOD)).resolves.toEqual({ email });
});

test('a password of twelve characters is enough, without rules about which', async () => {
  const { token } = await invite();
  await expect(choose(token, 'aaaaaaaaaaaa')).resolves.toHaveProperty('email');
});

test('the database holds neither the token nor the password', async () => {
  const { email, token } = await invite();
  await choose(token, 'canary-password-5');
  const user = await db().prisma.user.findUniqueOrThrow({ where: { email }, include: { signInLinks: true } });
  const bodies = await db().prisma.auditEvent.findMany({ select: { body: true } });
  const stored = JSON.stringify([user, bodies]);
  expect(stored).not.toContain(token);
  expect(stored).not.toContain('canary-password-5');
  expect(user.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});
