import type { NextRequest } from 'next/server';
import { z } from 'zod';
import { answerOnce } from '#app/(console)/developer-tools/answer-once.ts';
import { rotateApiClientSecret } from '#core/clients/rotate-api-client-secret.ts';

const body = z.object({ overlap: z.enum(['now', '1h', '24h', '7d']), typedName: z.string() });

/** Rotates the secret of an API client and shows the new one, this once. */
export async function POST(request: NextRequest, context: RouteContext<'/developer-tools/[id]/secret'>) {
  const { id: clientId } = await context.params;
  return answerOnce(request, body, async (actor, wish) => {
    const { secret } = await rotateApiClientSecret(actor, { clientId, ...wish });
    return { clientId, clientSecret: secret.expose() };
  });
}
