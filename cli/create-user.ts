import { type Command, textOf } from '#cli/command.ts';
import { type Role, roles, system } from '#core/access/actor.ts';
import { createUser } from '#core/users/create-user.ts';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

/** Makes a user, for example the first admin, and prints their one-time link. */
export const run: Command['run'] = async (_, values) => {
  const role = roles.find((known): known is Role => known === values.role);
  const email = textOf(values, 'email');
  if (email === undefined || role === undefined) {
    throw new Problem(400, 'usage', `It takes --email and --role, one of ${roles.join(', ')}.`);
  }
  const wish = { email, role, name: textOf(values, 'name') };
  const { token, again } = await createUser(system('command line'), wish);
  if (again) {
    console.log(`${email} was made before and has chosen no password yet. The role is now ${role}.`);
    console.log('The link that was printed before works no longer.');
  }
  console.log(`Open this link within 24 hours to choose a password; it works once:`);
  console.log(`${env().REKEY_URL.origin}/welcome#${token}`);
};
