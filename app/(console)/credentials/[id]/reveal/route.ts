import type { NextRequest } from 'next/server';
import { postFromPage } from '#app/_doors/post-from-page.ts';
import { revealSecret } from '#core/credentials/reveal-secret.ts';

/** Shows a version, this once. A route and not an action: what an action answers becomes part of the page's payload. */
export async function POST(request: NextRequest, context: RouteContext<'/credentials/[id]/reveal'>) {
  const { id: credentialId } = await context.params;
  return postFromPage(request, async (actor, body: { version: number; reason: string }) => {
    const { version, fields } = await revealSecret(actor, { ...body, credentialId });
    return {
      version,
      fields: Object.entries(fields).map(([name, value]) => ({ name, value: value.expose() })),
    };
  });
}
