import { type Command, textOf } from '#cli/command.ts';
import { system } from '#core/access/actor.ts';
import { listUsers } from '#core/users/list-users.ts';
import { renewLink } from '#core/users/renew-link.ts';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

/** Prints a new link for a user from the server's own command line, for example for the only admin, who forgot their password. */
export const userLinkCommand: Command = {
  words: ['user', 'link'],
  operands: 0,
  usage: `rekey user link --email E
      prints a link that lets a user choose another password once, within 24 hours; the one before is void
      the password they have works until then, and then their sessions end`,
  options: { email: { type: 'string' } },
  run: async (_, values) => {
    const email = textOf(values, 'email')?.trim().toLowerCase();
    if (email === undefined) {
      throw new Problem(400, 'usage', 'It takes --email.');
    }
    const actor = system('command line');
    const user = (await listUsers(actor, {})).find((one) => one.email === email);
    if (user === undefined) {
      throw new Problem(404, 'not_found', `There is no user with the e-mail ${email}. Nothing was changed.`);
    }
    const { token } = await renewLink(actor, { userId: user.id });
    console.log('Open this link within 24 hours to choose a password; it works once:');
    console.log(`${env().REKEY_URL.origin}/welcome#${token}`);
  },
};
