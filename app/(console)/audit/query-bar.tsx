'use client';

import { CircleHelp, Search } from 'lucide-react';
import { useId, useState } from 'react';
import type { Suggestions } from '#app/_components/audit-suggest.ts';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { queryBar as words } from '#app/_words/audit.ts';
import { QueryHelp } from '#app/(console)/audit/query-help.tsx';
import { QueryInput } from '#app/(console)/audit/query-input.tsx';

/** The line that asks, with suggestions while it is typed. Without script it is a plain form. */
export function QueryBar({ q, ...suggestions }: { q: string } & Suggestions) {
  const id = useId();
  const [helps, setHelps] = useState(false);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a form with this role is what every browser in use reads
    <form action="/audit" role="search" aria-label={words.about} className="flex flex-col gap-2">
      <label htmlFor={id} className="text-sm font-medium">
        {words.question}
      </label>
      <div className="flex flex-wrap gap-2">
        <QueryInput id={id} q={q} help={() => setHelps(true)} {...suggestions} />
        <Button type="submit" look="primary">
          <Search aria-hidden className="size-4" />
          {words.search}
        </Button>
        <button
          type="button"
          aria-expanded={helps}
          aria-controls={`${id}-help`}
          onClick={() => setHelps(!helps)}
          className={buttonClass()}
        >
          <CircleHelp aria-hidden className="size-4" />
          <span className="sr-only">{words.help}</span>
        </button>
      </div>
      {helps && <QueryHelp id={`${id}-help`} qualifiers={suggestions.qualifiers} />}
    </form>
  );
}
