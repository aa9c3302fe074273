import { ChevronRight } from 'lucide-react';
import Link from 'next/link';

export interface ChoiceCard {
  href: string;
  title: string;
  about?: string;
  abilities: readonly string[];
}

/** The first step of adding something: cards, each a link to the form that follows. */
export function ChoiceCards({ label, cards }: { label: string; cards: readonly ChoiceCard[] }) {
  return (
    <ul aria-label={label} className="grid max-w-4xl gap-3 sm:grid-cols-2">
      {cards.map(({ href, title, about, abilities }) => (
        <li key={href} className="flex">
          <Link
            href={href}
            className="group flex w-full items-start gap-3 rounded-lg border border-line bg-surface p-4 shadow-xs hover:border-accent"
          >
            <span className="min-w-0 flex-1">
              <span className="block font-semibold break-words">{title}</span>
              {about !== undefined && <span className="block text-sm text-quiet">{about}</span>}
              <span className="mt-2 flex flex-wrap gap-1.5">
                {abilities.map((ability) => (
                  <span key={ability} className="rounded-md bg-raised px-2 py-0.5 text-sm text-quiet">
                    {ability}
                  </span>
                ))}
              </span>
            </span>
            <ChevronRight aria-hidden className="mt-0.5 size-5 shrink-0 text-quiet group-hover:text-accent" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
