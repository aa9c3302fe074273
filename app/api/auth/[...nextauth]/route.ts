import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '#app/_doors/auth-options.ts';
import { findActor } from '#app/_doors/current-actor.ts';

async function handler(
  request: NextRequest,
  context: RouteContext<'/api/auth/[...nextauth]'>,
): Promise<Response> {
  const knocker = {
    address: request.headers.get('x-real-ip') ?? 'local',
    userAgent: request.headers.get('user-agent') ?? '',
    sessionBefore: (await findActor())?.sessionId,
  };
  return NextAuth(request, context, authOptions(knocker)) as Promise<Response>;
}

export { handler as GET, handler as POST };
