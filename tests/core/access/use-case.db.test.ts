import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Actor, type Role, roles, system } from '#core/access/actor.ts';
import { type Context, useCase as declareUseCase, read } from '#core/access/use-case.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';

const input = z.object({
  name: z.string().trim().min(3, 'A name needs three letters.'),
  n: z.coerce.number(),
});
const good = { name: ' orders ', n: '7' };

/** A use case and a read with the same rules; both answer what the work was given, and count how often it ran. */
function declare(may: readonly Role[], stepUp = false) {
  const runs: { context: Context; input: z.output<typeof input> }[] = [];
  const rules = { name: 'rename-credential', may, scope: 'everything' as const, input };
  const work = async (context: Context, parsed: z.output<typeof input>) => {
    runs.push({ context, input: parsed });
    return parsed;
  };
  return { change: declareUseCase({ ...rules, stepUp }, work), question: read(rules, work), runs };
}

function userWith(role: Role, stepUpAt = new Date(0)): Actor {
  return { kind: 'user', id: '0199aaaa-0000-7000-8000-000000000001', name: 'Ada', role, stepUpAt };
}

/** The database's clock, moved or not, minus some seconds. */
async function secondsAgo(seconds: number): Promise<Date> {
  const { rows } = await db().pool.query<{ at: Date }>(
    'select rekey_now() - make_interval(secs => $1) as at',
    [seconds],
  );
  return rows[0]?.at ?? new Date(Number.NaN);
}

test.each(roles)('a user with the role %s may do what the role may, and nothing else', async (role) => {
  const others = roles.filter((other) => other !== role);
  const open = declare([role]);
  await expect(open.change(userWith(role), good)).resolves.toEqual({ name: 'orders', n: 7 });
  await expect(open.question(userWith(role), good)).resolves.toEqual({ name: 'orders', n: 7 });
  const closed = declare(others);
  for (const call of [closed.change, closed.question]) {
    await expect(call(userWith(role), good)).rejects.toMatchObject({ status: 403, code: 'role_missing' });
  }
  expect(closed.runs).toEqual([]);
});

test('what no role may, the system still may', async () => {
  const { change, question, runs } = declare([]);
  await change(system('schedule'), good);
  await question(system('schedule'), good);
  expect(runs.map((run) => run.context.actor)).toEqual([system('schedule'), system('schedule')]);
  for (const role of roles) {
    await expect(change(userWith(role), good)).rejects.toThrow(
      `Your role "${role}" may not rename credential. Nobody may who is signed in; Rekey does it by itself.`,
    );
  }
});

test('a refusal names the role one has and the roles it takes', async () => {
  await expect(declare(['operator', 'admin']).change(userWith('viewer'), good)).rejects.toThrow(
    'Your role "viewer" may not rename credential. It takes the role operator or admin; an admin can grant it.',
  );
});

test('the role is checked before the input, so a refusal tells nothing about what would be accepted', async () => {
  const { change } = declare(['admin'], true);
  await expect(change(userWith('viewer'), { name: '' } as never)).rejects.toMatchObject({ status: 403 });
});

test('bad input is refused in sentences that name each field, before any work', async () => {
  const { change, question, runs } = declare(['admin']);
  for (const call of [change, question]) {
    const attempt = call(userWith('admin'), { name: 'x', n: 'many' });
    await expect(attempt).rejects.toMatchObject({ status: 400, code: 'bad_input' });
    await expect(attempt).rejects.toThrow(
      /^name: A name needs three letters\. n: It takes a number\. Nothing was changed\.$/,
    );
  }
  await expect(change(system('test'), null as never)).rejects.toMatchObject({ status: 400 });
  expect(runs).toEqual([]);
});

test('refused input is not repeated, because it may be a secret', async () => {
  const { change } = declare(['admin']);
  const attempt = change(userWith('admin'), { name: 'ca', n: 'canary-77' });
  await expect(attempt).rejects.not.toThrow('canary-77');
});

test('work gets the actor, and only the fields that were declared', async () => {
  const { change, runs } = declare(['admin']);
  await change(userWith('admin'), { ...good, role: 'admin' } as never);
  expect(runs[0]?.input).toEqual({ name: 'orders', n: 7 });
  expect(runs[0]?.context.actor).toEqual(userWith('admin'));
});

test('with step-up, a password given in the last five minutes is enough and an older one is not', async () => {
  const { change, runs } = declare(['admin'], true);
  await expect(change(userWith('admin', await secondsAgo(290)), good)).resolves.toBeDefined();
  const stale = change(userWith('admin', await secondsAgo(301)), good);
  await expect(stale).rejects.toMatchObject({ status: 403, code: 'step_up_required' });
  expect(runs).toHaveLength(1);
});

test('five minutes are measured by the clock of the database', async () => {
  const { change } = declare(['admin'], true);
  const givenNow = userWith('admin', await secondsAgo(0));
  await expect(change(givenNow, good)).resolves.toBeDefined();
  await moveTime(process.env.DATABASE_URL ?? '', '6 minutes');
  await expect(change(givenNow, good)).rejects.toMatchObject({ code: 'step_up_required' });
});

test('step-up is asked of people and not of the system, and only where it is declared', async () => {
  await expect(declare([], true).change(system('seed'), good)).resolves.toBeDefined();
  await expect(declare(['admin'], false).change(userWith('admin'), good)).resolves.toBeDefined();
});

test('step-up does not lift the role', async () => {
  const { change } = declare(['admin'], true);
  const fresh = userWith('operator', await secondsAgo(0));
  await expect(change(fresh, good)).rejects.toMatchObject({ code: 'role_missing' });
});

test('a declaration can be read from what it declares', () => {
  const { change, question } = declare(['operator', 'admin'], true);
  expect({ ...change }).toMatchObject({
    name: 'rename-credential',
    effect: 'change',
    stepUp: true,
    scope: 'everything',
  });
  expect({ ...question }).toMatchObject({
    name: 'rename-credential',
    effect: 'read',
    may: ['operator', 'admin'],
  });
  expect(change.input).toBe(input);
});
