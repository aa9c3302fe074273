import type { NextRequest } from 'next/server';
import { postFromPage } from '#app/_doors/post-from-page.ts';
import { confirmSecondFactor } from '#core/users/confirm-second-factor.ts';

/** Takes the first code and gives the recovery codes. A route, because those must be in no page's payload. */
export function POST(request: NextRequest) {
  return postFromPage(request, confirmSecondFactor);
}
