import type { NextRequest } from 'next/server';
import { z } from 'zod';
import { findActor } from '#app/_doors/current-actor.ts';
import { refuse, reply, signedOut } from '#app/_doors/reply.ts';
import { pasteRefused as words } from '#app/_words/rotation-page.ts';
import { submitSecret } from '#core/rotation/submit-secret.ts';
import { env } from '#lib/env.ts';

const body = z.object({ secret: z.string() });

/**
 * Takes the pasted secret of an assisted rotation. A route and not an action: Next prints the arguments of actions in
 * development, and an action that takes half a minute holds back every other action of the page.
 */
export async function POST(request: NextRequest, context: RouteContext<'/rotations/[id]/secret'>) {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  if (request.headers.get('origin') !== env().REKEY_URL.origin) {
    return refuse(403, 'foreign_page', words.foreignPage);
  }
  const parsed = body.safeParse(await request.json().catch(() => null));
  if (!parsed.success) {
    return refuse(400, 'bad_input', words.nothingPasted);
  }
  const { id: rotationId } = await context.params;
  return reply(() => submitSecret(actor, { rotationId, secret: parsed.data.secret }));
}
