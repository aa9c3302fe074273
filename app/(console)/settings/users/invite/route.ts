import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { refuse, reply, signedOut } from '#app/_doors/reply.ts';
import { createUser } from '#core/users/create-user.ts';
import { env } from '#lib/env.ts';

/** Invites somebody. A route and not an action, because the link is shown once and must be in no page's payload. */
export async function POST(request: NextRequest) {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  if (request.headers.get('origin') !== env().REKEY_URL.origin) {
    return refuse(403, 'foreign_page', 'Users are invited from a page of this Rekey only.');
  }
  const wish = await request.json().catch(() => null);
  return reply(async () => {
    const { token } = await createUser(actor, wish);
    return { link: `${env().REKEY_URL.origin}/welcome#${token}` };
  });
}
