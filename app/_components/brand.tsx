import clsx from 'clsx';
import { site as words } from '#app/_words/frame.ts';

/** The mark, and the name beside it; small, where there is room for the mark alone. */
export function Brand({ small = false }: { small?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2.5 text-lg font-semibold tracking-tight">
      <svg viewBox="0 0 32 32" className="size-7 shrink-0" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="#1d5fd1" />
        <path
          d="M20 7a6 6 0 0 0-5.7 7.9L7 22.2V26h4v-3h3v-3h2.2l1.3-1.3A6 6 0 1 0 20 7Zm1.5 6a1.7 1.7 0 1 1 0-3.4 1.7 1.7 0 0 1 0 3.4Z"
          fill="#fff"
        />
      </svg>
      <span className={clsx(small ? 'sr-only' : 'md:max-lg:sr-only')}>{words.name}</span>
    </span>
  );
}
