import clsx from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

const tones = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  busy: 'bg-raised text-accent',
  quiet: 'bg-raised text-quiet',
};

export type Tone = keyof typeof tones;

/** A state as an icon and a word: colour is never the only sign. */
export function Badge({
  tone,
  icon: Icon,
  spins = false,
  children,
}: {
  tone: Tone;
  icon: LucideIcon;
  spins?: boolean;
  children: ReactNode;
}) {
  return (
    <span
      className={clsx(
        'inline-flex max-w-full items-start gap-1.5 rounded-md px-2 py-0.5 text-sm font-medium',
        tones[tone],
      )}
    >
      <Icon aria-hidden className={clsx('mt-[0.2rem] size-3.5 shrink-0', spins && 'animate-spin')} />
      <span className="min-w-0">{children}</span>
    </span>
  );
}
