import type { Metadata } from 'next';
import { Brand } from '#app/_components/brand.tsx';
import { NothingHere } from '#app/_components/nothing-here.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-8 px-4 py-12">
      <Brand />
      <NothingHere />
    </main>
  );
}
