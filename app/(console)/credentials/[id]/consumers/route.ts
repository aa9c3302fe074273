import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { reply, signedOut } from '#app/_doors/reply.ts';
import { readConsumers } from '#core/credentials/read-consumers.ts';

/** What the consumers of a credential say about themselves now. */
export async function GET(_request: NextRequest, context: RouteContext<'/credentials/[id]/consumers'>) {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  const { id: credentialId } = await context.params;
  return reply(() => readConsumers(actor, { credentialId }));
}
