import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '#app/_doors/auth-options.ts';

function handler(request: NextRequest, context: RouteContext<'/api/auth/[...nextauth]'>): Promise<Response> {
  const knocker = {
    address: request.headers.get('x-real-ip') ?? 'local',
    userAgent: request.headers.get('user-agent') ?? '',
  };
  return NextAuth(request, context, authOptions(knocker)) as Promise<Response>;
}

export { handler as GET, handler as POST };
