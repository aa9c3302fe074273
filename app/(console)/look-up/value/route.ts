import type { NextRequest } from 'next/server';
import { z } from 'zod';
import { findActor } from '#app/_doors/current-actor.ts';
import { refuse, reply, signedOut } from '#app/_doors/reply.ts';
import { common } from '#app/_words/common.ts';
import { lookUpRefusals as words } from '#app/_words/look-up.ts';
import { findSecret } from '#core/credentials/find-secret.ts';
import { env } from '#lib/env.ts';

const body = z.object({ text: z.string() });

/** Takes a pasted value and says whose it is. A route and not an action, because Next prints the arguments of actions in development. */
export async function POST(request: NextRequest) {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  if (request.headers.get('origin') !== env().REKEY_URL.origin) {
    return refuse(403, 'foreign_page', common.foreignPage);
  }
  const parsed = body.safeParse(await request.json().catch(() => null));
  if (!parsed.success) {
    return refuse(400, 'bad_input', words.nothingPasted);
  }
  return reply(() => findSecret(actor, parsed.data));
}
