import clsx from 'clsx';
import Link from 'next/link';
import type { ComponentProps } from 'react';

/** A link within text or a list, high enough to be hit. */
export function TextLink({ className, ...props }: ComponentProps<typeof Link>) {
  return (
    <Link
      {...props}
      className={clsx(
        'inline-flex min-h-6 items-center gap-1 text-accent underline-offset-4 hover:underline',
        className,
      )}
    />
  );
}
