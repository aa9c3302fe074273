import type { Metadata } from 'next';
import { Brand } from '#app/_components/brand.tsx';
import { welcomePage as words } from '#app/_words/sign-in.ts';
import { ChoosePasswordForm } from '#app/welcome/choose-password-form.tsx';

export const metadata: Metadata = { title: words.title };

export default function WelcomePage() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 px-4 py-12">
      <Brand />
      <div className="flex flex-col gap-5 rounded-lg border border-line bg-surface p-6">
        <h1 className="text-xl font-semibold">{words.title}</h1>
        <ChoosePasswordForm />
      </div>
    </main>
  );
}
