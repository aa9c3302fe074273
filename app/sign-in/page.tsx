import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { Brand } from '#app/_components/brand.tsx';
import { findActor } from '#app/_doors/current-actor.ts';
import { SignInForm } from '#app/sign-in/sign-in-form.tsx';

export const metadata: Metadata = { title: 'Sign in' };

/** Only a path of our own: an address from outside would send people away after signing in. */
function ownPath(from: unknown): string {
  return typeof from === 'string' && /^\/(?![/\\])/.test(from) ? from : '/overview';
}

export default async function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  const { from } = await searchParams;
  if ((await findActor()) !== null) {
    redirect(ownPath(from));
  }
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 px-4 py-12">
      <Brand />
      <div className="flex flex-col gap-5 rounded-lg border border-line bg-surface p-6">
        <h1 className="text-xl font-semibold">Sign in</h1>
        <SignInForm from={ownPath(from)} />
      </div>
    </main>
  );
}
