import clsx from 'clsx';
import Link from 'next/link';
import type { ComponentProps } from 'react';

/** A link that stands for itself, in a list or under a text, high enough to be hit. */
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

/**
 * A link amid a sentence. It breaks with the words around it, where a box of its own would leave a gap before the comma that follows, and is
 * underlined, because its colour alone would not tell it from them (WCAG 1.4.1).
 */
export function SentenceLink({ className, ...props }: ComponentProps<typeof Link>) {
  return (
    <Link
      {...props}
      className={clsx('text-accent underline underline-offset-4 hover:decoration-2', className)}
    />
  );
}
