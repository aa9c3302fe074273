import { randomInt } from 'node:crypto';
import { system } from '#core/access/actor.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { createUser } from '#core/users/create-user.ts';
import { db } from '#lib/db.ts';
import { env } from '#lib/env.ts';

// No letters or digits that look alike: the password is read off a terminal.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

function readablePassword(): string {
  const group = () => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

/** Whether somebody has chosen a password here, or single sign-on lets people in. */
export async function canAnybodySignIn(): Promise<boolean> {
  const withPassword = await db().prisma.user.count({ where: { passwordHash: { not: null } } });
  return withPassword > 0 || env().REKEY_OIDC_ISSUER !== undefined;
}

/** Makes the first admin of an empty installation, through the same use cases as anybody else. Null when somebody can sign in already. */
export async function makeFirstAdmin(): Promise<{ email: string; password: string } | null> {
  if ((await db().prisma.user.count({ where: { passwordHash: { not: null } } })) > 0) {
    return null;
  }
  const email = 'admin@rekey.local';
  const password = readablePassword();
  const actor = system('first start');
  const { token } = await createUser(actor, { email, name: 'Admin', role: 'admin' });
  await choosePassword(actor, { token, password });
  return { email, password };
}
