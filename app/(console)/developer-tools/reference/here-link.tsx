import type { ReactNode } from 'react';

/** A link within this page. A plain one, because only the browser itself unfolds what it leads to. */
export function HereLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a
      href={`#${to}`}
      className="inline-flex min-h-6 items-center gap-1 text-accent underline-offset-4 hover:underline"
    >
      {children}
    </a>
  );
}
