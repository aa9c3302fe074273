import type { Command } from '#cli/command.ts';
import { findUser } from '#cli/find-user.ts';
import { system } from '#core/access/actor.ts';
import { renewLink } from '#core/users/renew-link.ts';
import { env } from '#lib/env.ts';

/** Prints a new link for a user, for example for the only admin, who forgot their password. */
export const run: Command['run'] = async (_, values) => {
  const actor = system('command line');
  const { id: userId } = await findUser(actor, values);
  const { token } = await renewLink(actor, { userId });
  console.log('Open this link within 24 hours to choose a password; it works once:');
  console.log(`${env().REKEY_URL.origin}/welcome#${token}`);
};
