import clsx from 'clsx';
import type { ComponentProps } from 'react';

const looks = {
  primary: 'bg-accent text-accent-ink hover:opacity-90',
  plain: 'border border-line bg-surface text-ink hover:bg-raised',
  danger: 'border border-bad bg-surface text-bad hover:bg-bad-soft',
};

/** At least 36 px high, 44 px on touch screens. */
export function buttonClass(look: keyof typeof looks = 'plain'): string {
  return clsx(
    'inline-flex min-h-9 items-center justify-center gap-2 rounded-md px-3.5 text-sm font-medium pointer-coarse:min-h-11',
    'disabled:cursor-not-allowed disabled:opacity-60',
    looks[look],
  );
}

export function Button({
  look = 'plain',
  className,
  ...props
}: ComponentProps<'button'> & { look?: keyof typeof looks }) {
  return <button type="button" {...props} className={clsx(buttonClass(look), className)} />;
}
