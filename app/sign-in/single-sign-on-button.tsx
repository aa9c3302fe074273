'use client';

import { signIn } from 'next-auth/react';
import { Button } from '#app/_components/button.tsx';

export function SingleSignOnButton({ name, from }: { name: string; from: string }) {
  return <Button onClick={() => signIn('oidc', { callbackUrl: from })}>Sign in with {name}</Button>;
}
