import clsx from 'clsx';
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

const tones = {
  info: { icon: Info, look: 'border-line bg-raised text-ink' },
  good: { icon: CircleCheck, look: 'border-good bg-good-soft text-good' },
  warn: { icon: TriangleAlert, look: 'border-warn bg-warn-soft text-warn' },
  bad: { icon: CircleAlert, look: 'border-bad bg-bad-soft text-bad' },
};

/** Something that must stay on the page: what happened, what state things are in, what to do. */
export function Notice({
  tone,
  children,
  live,
}: {
  tone: keyof typeof tones;
  children: ReactNode;
  live?: boolean;
}) {
  const { icon: Icon, look } = tones[tone];
  return (
    <div
      className={clsx('flex gap-2.5 rounded-md border px-3 py-2 text-sm', look)}
      role={live ? 'alert' : undefined}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 text-ink">{children}</div>
    </div>
  );
}
