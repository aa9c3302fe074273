import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { refuse, reply, signedOut } from '#app/_doors/reply.ts';
import { refusedRoute } from '#app/_words/doors.ts';
import type { Actor } from '#core/access/actor.ts';
import { env } from '#lib/env.ts';

/**
 * What a route does that takes or gives a value which must be in no page's payload: who asks, whether the page is
 * ours, and then core, with the body as it came.
 */
export async function postFromPage<T>(
  request: NextRequest,
  work: (actor: Actor, body: never) => Promise<T>,
): Promise<Response> {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  if (request.headers.get('origin') !== env().REKEY_URL.origin) {
    return refuse(403, 'foreign_page', refusedRoute.foreignPage);
  }
  const body = await request.json().catch(() => null);
  return reply(() => work(actor, body as never));
}
