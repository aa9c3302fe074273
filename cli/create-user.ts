import { type Role, roles, system } from '#core/access/actor.ts';
import { createUser } from '#core/users/create-user.ts';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

/** Makes a user from the server's own command line, for example the first admin, and prints their one-time link. */
export async function createUserCommand(values: {
  email?: string;
  role?: string;
  name?: string;
}): Promise<void> {
  const role = roles.find((known): known is Role => known === values.role);
  if (values.email === undefined || role === undefined) {
    throw new Problem(400, 'usage', `It takes --email and --role, one of ${roles.join(', ')}.`);
  }
  const { email, name } = values;
  const { token } = await createUser(system('command line'), { email, role, name });
  console.log(`Open this link within 24 hours to choose a password; it works once:`);
  console.log(`${env().REKEY_URL.origin}/welcome#${token}`);
}
