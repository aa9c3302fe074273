import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** Nothing to show, and why. */
export function Empty({
  icon: Icon,
  title,
  children,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-line border-dashed px-6 py-14 text-center">
      <Icon aria-hidden className="mb-1 size-6 text-quiet" />
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-prose text-sm text-quiet">{children}</div>}
    </div>
  );
}
