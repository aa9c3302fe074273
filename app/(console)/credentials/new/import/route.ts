import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { refuse, reply, signedOut } from '#app/_doors/reply.ts';
import { common } from '#app/_words/common.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { env } from '#lib/env.ts';

/**
 * Takes over one credential. A route and not an action: Next prints the arguments of actions in development, and one
 * of them is the secret.
 */
export async function POST(request: NextRequest) {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  if (request.headers.get('origin') !== env().REKEY_URL.origin) {
    return refuse(403, 'foreign_page', common.foreignPage);
  }
  const wish = await request.json().catch(() => null);
  return reply(() => importCredential(actor, wish));
}
