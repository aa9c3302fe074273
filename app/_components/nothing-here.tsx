import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { nothingHere as words } from '#app/_words/frame.ts';

/** What an address leads to that names nothing. */
export function NothingHere() {
  return (
    <div className="flex max-w-prose flex-col items-start gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">{words.title}</h1>
      <p className="text-quiet">{words.about}</p>
      <Link href="/credentials" className={buttonClass('primary')}>
        {words.goOn}
      </Link>
    </div>
  );
}
