'use client';

import { createContext, type ReactNode, useContext } from 'react';

const Name = createContext<string | null>(null);

/** Knows on every page at which single sign-on this person signs in again for a step-up; null for whoever has a password or a code to give. */
export function SignInAgainProvider({ name, children }: { name: string | null; children: ReactNode }) {
  return <Name value={name}>{children}</Name>;
}

export const useSignInAgain = () => useContext(Name);
