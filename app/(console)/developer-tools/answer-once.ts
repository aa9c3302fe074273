import type { NextRequest } from 'next/server';
import type { z } from 'zod';
import { findActor } from '#app/_doors/current-actor.ts';
import { refuse, reply, signedOut } from '#app/_doors/reply.ts';
import { notShown as words } from '#app/_words/developer-tools.ts';
import type { Actor } from '#core/access/actor.ts';
import { env } from '#lib/env.ts';

/** What is shown once: it goes from the answer of a POST into the page's memory and nowhere else. */
export interface ShownOnce {
  clientId: string;
  /** Null for a client that signs in with a key of its own. */
  clientSecret: string | null;
}

/**
 * Answers a POST from a page of this Rekey with a secret that nobody keeps. A route and not an action: what an action
 * answers becomes part of the page's payload.
 */
export async function answerOnce<Body extends z.ZodType>(
  request: NextRequest,
  body: Body,
  call: (actor: Actor, input: z.output<Body>) => Promise<ShownOnce>,
): Promise<Response> {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  if (request.headers.get('origin') !== env().REKEY_URL.origin) {
    return refuse(403, 'foreign_page', words.foreignPage);
  }
  const parsed = body.safeParse(await request.json().catch(() => null));
  if (!parsed.success) {
    return refuse(400, 'bad_input', words.outOfDate);
  }
  return reply(() => call(actor, parsed.data));
}
