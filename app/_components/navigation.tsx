'use client';

import clsx from 'clsx';
import { Ellipsis } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Opener, onDemand, type Trigger } from '#app/_components/on-demand.tsx';
import { isAt, places } from '#app/_components/places.ts';
import { navigation as words } from '#app/_words/frame.ts';

/** The places at the left: with their names where there is room, as icons on narrower screens. */
export function Rail() {
  const path = usePathname();
  return (
    <nav aria-label={words.label} className="flex flex-col gap-1">
      {places.map((place) => {
        const here = isAt(path, place);
        return (
          <Link
            key={place.href}
            href={place.href}
            title={place.label}
            aria-current={here ? 'page' : undefined}
            className={clsx(
              'inline-flex min-h-9 items-center gap-2.5 rounded-md px-2.5 text-sm max-lg:justify-center pointer-coarse:min-h-11',
              here ? 'bg-raised font-medium' : 'text-quiet hover:bg-raised hover:text-ink',
            )}
          >
            <place.icon aria-hidden className="size-4 shrink-0" />
            <span className="max-lg:sr-only">{place.label}</span>
          </Link>
        );
      })}
    </nav>
  );
}

const more = onDemand<{ trigger: Trigger }>(
  async () => (await import('#app/_components/more-places.tsx')).MorePlaces,
);

const barItem = 'flex min-h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 px-0.5 text-xs';

/** The places at the bottom of a phone: the ones of every day, and the others behind the last button. */
export function BottomBar() {
  const path = usePathname();
  const rest = places.filter(({ onPhone }) => !onPhone);
  const elsewhere = rest.some((place) => isAt(path, place));
  return (
    <nav
      aria-label={words.label}
      className="fixed inset-x-0 bottom-0 z-30 flex border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {places
        .filter(({ onPhone }) => onPhone)
        .map((place) => {
          const here = isAt(path, place);
          return (
            <Link
              key={place.href}
              href={place.href}
              aria-current={here ? 'page' : undefined}
              className={clsx(barItem, here ? 'font-medium text-accent' : 'text-quiet')}
            >
              <place.icon aria-hidden className="size-5" />
              <span className="max-w-full truncate">{place.label}</span>
            </Link>
          );
        })}
      <Opener
        part={more}
        opens="menu"
        trigger={{
          label: undefined,
          className: clsx(barItem, elsewhere ? 'font-medium text-accent' : 'text-quiet'),
          content: (
            <>
              <Ellipsis aria-hidden className="size-5" />
              {words.more}
            </>
          ),
        }}
        props={{}}
      />
    </nav>
  );
}
