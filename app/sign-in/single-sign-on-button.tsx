'use client';

import { signIn } from 'next-auth/react';
import { Button } from '#app/_components/button.tsx';
import { signInPage as words } from '#app/_words/sign-in.ts';

export function SingleSignOnButton({ name, from }: { name: string; from: string }) {
  return <Button onClick={() => signIn('oidc', { callbackUrl: from })}>{words.with(name)}</Button>;
}
