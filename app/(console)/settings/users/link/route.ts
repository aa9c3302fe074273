import type { NextRequest } from 'next/server';
import { postFromPage } from '#app/_doors/post-from-page.ts';
import { renewLink } from '#core/users/renew-link.ts';
import { env } from '#lib/env.ts';

/** Makes somebody a new link. A route and not an action, because the link is shown once and must be in no page's payload. */
export function POST(request: NextRequest) {
  return postFromPage(request, async (actor, wish) => {
    const { token } = await renewLink(actor, wish);
    return { link: `${env().REKEY_URL.origin}/welcome#${token}` };
  });
}
