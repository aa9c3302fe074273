import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { changeScope } from '#core/users/change-scope.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { createUser } from '#core/users/create-user.ts';
import { db } from '#lib/db.ts';

const actor = system('test');
const wish = { email: 'ada@example.test', role: 'admin' } as const;

test('somebody without a password gets another link, which voids the one before; with a password the e-mail is taken', async () => {
  const first = await createUser(actor, { ...wish, name: 'Ada', role: 'viewer' });
  const second = await createUser(actor, wish);
  expect([first.again, second.again]).toEqual([false, true]);
  // What is not said again stays as it was.
  expect(await db().prisma.user.findFirst()).toMatchObject({ name: 'Ada', role: 'admin' });
  await expect(
    choosePassword(actor, { token: first.token, password: 'a-long-sample-password' }),
  ).rejects.toMatchObject({
    code: 'link_spent',
  });
  await choosePassword(actor, { token: second.token, password: 'a-long-sample-password' });
  await expect(createUser(actor, wish)).rejects.toMatchObject({ code: 'user_exists' });
  expect(await db().prisma.user.count()).toBe(1);
  const events = await db().prisma.auditEvent.findMany({ orderBy: { id: 'asc' } });
  expect(events.map((event) => event.action)).toEqual([
    'user.created',
    'user.invited',
    'user.password_chosen',
  ]);
});

test('who was limited before they chose a password is not invited again as an admin, and the link they have stays good', async () => {
  const email = 'bob@example.test';
  const { id, token } = await createUser(actor, { email, role: 'operator' });
  await changeScope(actor, { userId: id, environments: ['production'], labels: [] });
  await expect(createUser(actor, { email, role: 'admin' })).rejects.toMatchObject({
    code: 'admin_not_limited',
  });
  await choosePassword(actor, { token, password: 'a-long-sample-password' });
  expect(await db().prisma.user.findUnique({ where: { id } })).toMatchObject({
    role: 'operator',
    environments: ['production'],
  });
});
