import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { reply, signedOut } from '#app/_doors/reply.ts';
import { findByName } from '#core/credentials/find-by-name.ts';

/** What the palette offers for a text. */
export async function GET(request: NextRequest): Promise<Response> {
  const actor = await findActor();
  return actor === null
    ? signedOut()
    : reply(() => findByName(actor, { q: request.nextUrl.searchParams.get('q') ?? '' }));
}
