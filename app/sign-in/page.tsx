import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { Brand } from '#app/_components/brand.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { findActor } from '#app/_doors/current-actor.ts';
import { singleSignOn } from '#app/_doors/single-sign-on.ts';
import { SignInForm } from '#app/sign-in/sign-in-form.tsx';
import { SingleSignOnButton } from '#app/sign-in/single-sign-on-button.tsx';

export const metadata: Metadata = { title: 'Sign in' };

/** Why the single sign-on let somebody not in, by the code that comes back in the address. */
const refusals: Readonly<Record<string, string>> = {
  no_role: 'None of your groups gives you a role here. Ask an admin.',
  no_email: 'The single sign-on tells no verified e-mail of yours. Ask who looks after it.',
  email_taken:
    'Somebody here has your e-mail already, and an e-mail alone does not prove who you are. Sign in with your password, or ask an admin.',
  user_disabled: 'You are disabled here. Ask an admin.',
};

/** Only a path of our own: an address from outside would send people away after signing in. */
function ownPath(from: unknown): string {
  return typeof from === 'string' && /^\/(?![/\\])/.test(from) ? from : '/overview';
}

export default async function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  const { from, error } = await searchParams;
  const sso = singleSignOn();
  if ((await findActor()) !== null) {
    redirect(ownPath(from));
  }
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 px-4 py-12">
      <Brand />
      <div className="flex flex-col gap-5 rounded-lg border border-line bg-surface p-6">
        <h1 className="text-xl font-semibold">Sign in</h1>
        {typeof error === 'string' && (
          <Notice tone="bad" live>
            {refusals[error] ?? 'Signing in did not work. Try again.'}
          </Notice>
        )}
        {sso !== null && <SingleSignOnButton name={sso.name} from={ownPath(from)} />}
        <SignInForm from={ownPath(from)} />
      </div>
    </main>
  );
}
