import clsx from 'clsx';
import type { ComponentProps, ReactNode } from 'react';

/** A table's own box: what is too wide scrolls in here, by keyboard too, and never moves the page. */
export function TableBox({
  label,
  className,
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section aria-label={label} tabIndex={0} className={clsx('overflow-x-auto', className)}>
      {children}
    </section>
  );
}

export function Th({ className, ...props }: ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      {...props}
      className={clsx('px-4 py-2 text-left text-sm font-medium whitespace-nowrap text-quiet', className)}
    />
  );
}

export function Td({ className, ...props }: ComponentProps<'td'>) {
  return <td {...props} className={clsx('px-4 py-2.5 align-top', className)} />;
}
