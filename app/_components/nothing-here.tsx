import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';

/** What an address leads to that names nothing. */
export function NothingHere() {
  return (
    <div className="flex max-w-prose flex-col items-start gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">There is nothing at this address</h1>
      <p className="text-quiet">
        What it names does not exist, or you may not see it. Check the address, or go on from the list of
        credentials.
      </p>
      <Link href="/credentials" className={buttonClass('primary')}>
        Go to the credentials
      </Link>
    </div>
  );
}
