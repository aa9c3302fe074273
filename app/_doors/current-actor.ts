import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { actorOf, sessionCookie } from '#app/_doors/auth-options.ts';
import type { Actor } from '#core/access/actor.ts';

/** Who asks, or null. Read from the database once per request. */
export const findActor = cache(async () => actorOf((await cookies()).get(sessionCookie())?.value));

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
