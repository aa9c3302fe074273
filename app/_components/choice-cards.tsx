'use client';

import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { Field } from '#app/_components/field.tsx';
import { type ChoiceCard, findCards } from '#app/_components/find-cards.ts';
import { choiceCards as words } from '#app/_words/forms.ts';

/** More cards than one looks through at a glance. */
const MANY = 9;

function Card({ href, title, about, abilities }: ChoiceCard) {
  return (
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
  );
}

/** The first step of adding something: cards, each a link to the form that follows. Many of them can be filtered. */
export function ChoiceCards({ label, cards }: { label: string; cards: readonly ChoiceCard[] }) {
  const [filter, setFilter] = useState('');
  const shown = findCards(cards, filter);
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      {cards.length > MANY && (
        <Field
          label={words.find(cards.length)}
          type="search"
          className="max-w-sm"
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
        />
      )}
      <ul aria-label={label} className="grid gap-3 sm:grid-cols-2">
        {shown.map((card) => (
          <li key={card.href} className="flex">
            <Card {...card} />
          </li>
        ))}
      </ul>
      <p role="status" className="text-sm text-quiet">
        {shown.length === 0 && words.nothingFound}
      </p>
    </div>
  );
}
