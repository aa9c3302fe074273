import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { reply, signedOut } from '#app/_doors/reply.ts';
import { countNewerEvents } from '#core/evidence/count-newer-events.ts';

/** How many events came after the one a page begins with. */
export async function GET(request: NextRequest) {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  const given = request.nextUrl.searchParams;
  return reply(() => countNewerEvents(actor, { q: given.get('q') ?? '', after: given.get('after') ?? '' }));
}
