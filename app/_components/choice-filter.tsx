import clsx from 'clsx';
import { X } from 'lucide-react';
import Link from 'next/link';
import { type ReactNode, useId } from 'react';
import { inputClass } from '#app/_components/field.tsx';
import { chips as chipWords, pages } from '#app/_words/forms.ts';

/* The parts of a list's filter. What is asked for stands in the address, so that all of it works without script. */

/** One of several; the first asks for nothing. */
export function Choice({
  label,
  name,
  value,
  none,
  children,
}: {
  label: string;
  name: string;
  value: string | undefined;
  none: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <select id={id} name={name} defaultValue={value ?? ''} className={inputClass}>
        <option value="">{none}</option>
        {children}
      </select>
    </div>
  );
}

/** Views that are one click away, the present one marked. They scroll in their own box where there is no room. */
export function Views({
  label,
  views,
}: {
  label: string;
  views: readonly { href: string; name: string; here: boolean }[];
}) {
  return (
    <nav
      aria-label={label}
      className="mb-4 flex gap-1.5 max-md:-mx-4 max-md:overflow-x-auto max-md:px-4 max-md:pb-1 md:flex-wrap"
    >
      {views.map(({ href, name, here }) => (
        <Link
          key={name}
          href={href}
          aria-current={here ? 'page' : undefined}
          className={clsx(
            'inline-flex min-h-8 items-center rounded-full border px-3 text-sm whitespace-nowrap pointer-coarse:min-h-11',
            here
              ? 'border-accent bg-accent text-accent-ink'
              : 'border-line bg-surface text-quiet hover:bg-raised hover:text-ink',
          )}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** What is asked for, each with a way to ask for it no more. */
export function Chips({ chips }: { chips: readonly { name: string; value: string; without: string }[] }) {
  if (chips.length === 0) {
    return null;
  }
  return (
    <ul aria-label={chipWords.label} className="mb-4 flex flex-wrap gap-1.5">
      {chips.map(({ name, value, without }) => (
        <li key={name}>
          <Link
            href={without}
            aria-label={chipWords.remove(name, value)}
            className="inline-flex min-h-8 max-w-full items-center gap-1.5 rounded-md border border-line bg-raised px-2 text-sm hover:bg-surface pointer-coarse:min-h-11"
          >
            <span className="text-quiet">{name}</span>
            <span className="min-w-0 [overflow-wrap:anywhere]">{value}</span>
            <X aria-hidden className="size-3.5 shrink-0 text-quiet" />
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The ways to the next page and back to the first. */
export function Pages({ first, next }: { first: string | null; next: string | null }) {
  if (first === null && next === null) {
    return null;
  }
  const look =
    'inline-flex min-h-6 items-center text-accent underline-offset-4 hover:underline pointer-coarse:min-h-11';
  return (
    <nav aria-label={pages.label} className="mt-4 flex justify-between gap-4">
      {first === null ? (
        <span />
      ) : (
        <Link href={first} className={look}>
          {pages.first}
        </Link>
      )}
      {next !== null && (
        <Link href={next} className={look}>
          {pages.next}
        </Link>
      )}
    </nav>
  );
}
