import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { Brand } from '#app/_components/brand.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { findActor } from '#app/_doors/current-actor.ts';
import { ownPath } from '#app/_doors/own-path.ts';
import { singleSignOn } from '#app/_doors/single-sign-on.ts';
import { signInRefusals, signInPage as words } from '#app/_words/sign-in.ts';
import { SignInForm } from '#app/sign-in/sign-in-form.tsx';
import { SingleSignOnButton } from '#app/sign-in/single-sign-on-button.tsx';

export const metadata: Metadata = { title: words.title };

export default async function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  const { from, error } = await searchParams;
  const sso = singleSignOn();
  const isSignedIn = (await findActor()) !== null;
  // Who came back from signing in again without having done so stays who they are, and reads why.
  if (isSignedIn && error === undefined) {
    redirect(ownPath(from));
  }
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 px-4 py-12">
      <Brand />
      <div className="flex flex-col gap-5 rounded-lg border border-line bg-surface p-6">
        <h1 className="text-xl font-semibold">{words.title}</h1>
        {typeof error === 'string' && (
          <Notice tone="bad" live>
            {signInRefusals[error] ?? words.failed}
          </Notice>
        )}
        {sso !== null && <SingleSignOnButton name={sso.name} from={ownPath(from)} />}
        {isSignedIn ? (
          <a href={ownPath(from)} className="underline underline-offset-2">
            {words.goOn}
          </a>
        ) : (
          <SignInForm from={ownPath(from)} />
        )}
      </div>
    </main>
  );
}
