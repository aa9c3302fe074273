import type { Metadata } from 'next';
import { Brand } from '#app/_components/brand.tsx';
import { NothingHere } from '#app/_components/nothing-here.tsx';
import { nothingHere as words } from '#app/_words/frame.ts';

export const metadata: Metadata = { title: words.pageTitle };

export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-8 px-4 py-12">
      <Brand />
      <NothingHere />
    </main>
  );
}
