import type { NextRequest } from 'next/server';
import { postFromPage } from '#app/_doors/post-from-page.ts';
import { beginSecondFactor } from '#core/users/begin-second-factor.ts';
import { env } from '#lib/env.ts';

/** Makes the secret for an authenticator. A route, because the secret must be in no page's payload. */
export function POST(request: NextRequest) {
  return postFromPage(request, (actor) => beginSecondFactor(actor, { host: env().REKEY_URL.host }));
}
