import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { decode } from 'next-auth/jwt';
import { cache } from 'react';
import { sessionCookie, sessionSecret } from '#app/_doors/auth-options.ts';
import type { Actor } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';

const uuid = /^[0-9a-f-]{36}$/;

/** Who asks, or null. Read from the database once per request. */
export const findActor = cache(async (): Promise<Extract<Actor, { kind: 'user' }> | null> => {
  const cookie = (await cookies()).get(sessionCookie())?.value;
  if (cookie === undefined) {
    return null;
  }
  const token = await decode({ token: cookie, secret: sessionSecret() }).catch(() => null);
  const sessionId = String(token?.sid ?? '');
  return uuid.test(sessionId) ? readSession(sessionId) : null;
});

/** Where a second factor is set up. */
const ACCOUNT = '/settings/account';

const path = async () => (await headers()).get('x-rekey-path') ?? '/overview';

/**
 * Who asks; sends people without a session to the sign-in page, and back afterwards. Who must have a second factor and has none is
 * sent to set one up.
 */
export async function currentActor(): Promise<Extract<Actor, { kind: 'user' }>> {
  const actor = await findActor();
  if (actor === null) {
    const from = await path();
    redirect(`/sign-in?from=${encodeURIComponent(from)}`);
  }
  if (actor.lacksSecondFactor === true && !(await path()).startsWith(ACCOUNT)) {
    redirect(ACCOUNT);
  }
  return actor;
}
