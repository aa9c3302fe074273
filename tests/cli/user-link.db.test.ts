import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { listUsers } from '#core/users/list-users.ts';
import { env } from '#lib/env.ts';
import { makeUser } from '#tests/support/users.ts';

/* The rekey command itself, in a process of its own. */

const user = (act: string, email: string) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const command = ['cli/rekey.mjs', 'user', act, '--email', email];
    execFile(process.execPath, command, { env: process.env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

test('user link prints a link with which somebody who is here chooses another password, and says who is not here', async () => {
  const { email } = await makeUser('admin');
  const { code, stdout } = await user('link', email.toUpperCase());
  expect(code).toBe(0);
  const printed = new URL(stdout.trim().split('\n').at(-1) ?? '');
  expect([printed.origin, printed.pathname]).toEqual([env().REKEY_URL.origin, '/welcome']);
  const wish = { token: printed.hash.slice(1), password: 'another long password' };
  expect(await choosePassword(system('test'), wish)).toEqual({ email });
  const nobody = await user('link', 'nobody@example.com');
  expect(nobody).toMatchObject({ code: 1, stdout: '' });
  expect(nobody.stderr).toContain(
    'There is no user with the e-mail nobody@example.com. Nothing was changed.',
  );
});

test('user allow-identity lets the next single sign-on be somebody who is here', async () => {
  const { id, email } = await makeUser('admin');
  const { code, stdout } = await user('allow-identity', email);
  expect(code).toBe(0);
  expect(stdout).toContain(`the next single sign-on with the verified e-mail ${email} is this user, once.`);
  const found = (await listUsers(system('test'), {})).find((one) => one.id === id);
  expect(found?.identityAllowedUntil).not.toBeNull();
});
