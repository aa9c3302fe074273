import { textOf, type Values } from '#cli/command.ts';
import type { Actor } from '#core/access/actor.ts';
import { listUsers, type UserRow } from '#core/users/list-users.ts';
import { Problem } from '#lib/problem.ts';

/** The user whom `--email` names, however it is written. */
export async function findUser(actor: Actor, values: Values): Promise<UserRow> {
  const email = textOf(values, 'email')?.trim().toLowerCase();
  if (email === undefined) {
    throw new Problem(400, 'usage', 'It takes --email.');
  }
  const user = (await listUsers(actor, {})).find((one) => one.email === email);
  if (user === undefined) {
    throw new Problem(404, 'not_found', `There is no user with the e-mail ${email}. Nothing was changed.`);
  }
  return user;
}
