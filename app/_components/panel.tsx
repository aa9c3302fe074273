import clsx from 'clsx';
import { type ReactNode, useId } from 'react';

/** A part of a page with its own heading. */
export function Panel({
  title,
  aside,
  flush = false,
  children,
}: {
  title: string;
  /** Stands at the heading's right. */
  aside?: ReactNode;
  /** The content reaches the borders, as tables and lists do. */
  flush?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface shadow-xs"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 pt-3.5 pb-2 sm:px-5">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {aside !== undefined && <div className="text-sm text-quiet">{aside}</div>}
      </div>
      <div className={clsx(!flush && 'px-4 pb-4 sm:px-5')}>{children}</div>
    </section>
  );
}
