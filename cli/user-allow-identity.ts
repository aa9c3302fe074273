import type { Command } from '#cli/command.ts';
import { findUser } from '#cli/find-user.ts';
import { system } from '#core/access/actor.ts';
import { allowIdentity } from '#core/users/allow-identity.ts';

/** Allows a user another identity from the server's own command line, for example where no admin's identity is known any more. */
export const run: Command['run'] = async (_, values) => {
  const actor = system('command line');
  const { id: userId, email } = await findUser(actor, values);
  await allowIdentity(actor, { userId });
  console.log(`For 24 hours the next single sign-on with the verified e-mail ${email} is this user, once.`);
};
