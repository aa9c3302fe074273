'use client';

import { type KeyboardEvent, useRef, useState } from 'react';
import { complete, partAt, type Suggestions, suggest } from '#app/_components/audit-suggest.ts';
import { inputClass } from '#app/_components/field.tsx';
import { queryBar } from '#app/_words/audit.ts';

interface ListProps {
  id: string;
  found: readonly string[];
  active: number;
  qualifiers: Suggestions['qualifiers'];
  take: (suggestion: string) => void;
}

function SuggestionList({ id, found, active, qualifiers, take }: ListProps) {
  return (
    <div
      id={`${id}-list`}
      role="listbox"
      tabIndex={-1}
      aria-label={queryBar.suggestions}
      hidden={found.length === 0}
      className="absolute inset-x-0 top-full z-20 mt-1 overflow-hidden rounded-md border border-line bg-surface shadow-lg"
    >
      {found.map((suggestion, place) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the line, which names the active one
        // biome-ignore lint/a11y/useKeyWithClickEvents: the line answers the keys
        <div
          key={suggestion}
          id={`${id}-${place}`}
          role="option"
          aria-selected={place === active}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => take(suggestion)}
          className={`flex min-h-9 cursor-pointer flex-wrap items-center gap-x-3 px-3 py-1 text-sm pointer-coarse:min-h-11 ${place === active ? 'bg-raised' : 'hover:bg-raised'}`}
        >
          <code className="font-mono text-[0.8125rem]">{suggestion}</code>
          <span className="text-quiet">{qualifiers[suggestion.slice(0, -1)]}</span>
        </div>
      ))}
    </div>
  );
}

/** The line that is typed, with what it may become below it: a combobox after the ARIA practices. */
export function QueryInput({
  id,
  q,
  help,
  ...suggestions
}: { id: string; q: string; help: () => void } & Suggestions) {
  const input = useRef<HTMLInputElement>(null);
  const [line, setLine] = useState(q);
  // Null while nothing is suggested: before anything is typed, and after Escape.
  const [cursor, setCursor] = useState<number | null>(null);
  const [active, setActive] = useState(-1);
  const found = cursor === null ? [] : suggest(partAt(line, cursor).typed, suggestions);

  function take(suggestion: string) {
    const completed = complete(line, cursor ?? line.length, suggestion);
    setLine(completed.line);
    setCursor(null);
    setActive(-1);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(completed.cursor, completed.cursor);
    });
  }

  function move(step: 1 | -1) {
    const next = active < 0 && step < 0 ? found.length - 1 : active + step;
    setActive((next + found.length) % found.length);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    const chosen = found[active];
    const acts: Readonly<Record<string, (() => void) | undefined>> = {
      '?': line.trim() === '' ? help : undefined,
      ArrowDown: found.length > 0 ? () => move(1) : undefined,
      ArrowUp: found.length > 0 ? () => move(-1) : undefined,
      Enter: chosen === undefined ? undefined : () => take(chosen),
      Escape: found.length > 0 ? () => setCursor(null) : undefined,
    };
    const act = acts[event.key];
    if (act !== undefined) {
      event.preventDefault();
      act();
    }
  }

  return (
    <div className="relative min-w-0 flex-1 basis-64">
      <input
        ref={input}
        id={id}
        name="q"
        value={line}
        placeholder={queryBar.example}
        autoComplete="off"
        spellCheck={false}
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={found[active] === undefined ? undefined : `${id}-${active}`}
        className={`${inputClass} font-mono text-sm`}
        onChange={(event) => {
          setLine(event.target.value);
          setCursor(event.target.selectionStart);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setCursor(null)}
      />
      <SuggestionList id={id} found={found} active={active} qualifiers={suggestions.qualifiers} take={take} />
    </div>
  );
}
