'use client';

import { CircleHelp, Search } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { inputClass } from '#app/_components/field.tsx';

export interface Suggestions {
  /** What each qualifier asks for, by its name. */
  qualifiers: Readonly<Record<string, string>>;
  actions: readonly string[];
}

const MOST = 8;

/** The part of the line that the cursor stands in: where it begins, and what is typed of it. */
function partAt(line: string, cursor: number): { start: number; typed: string } {
  const start = line.slice(0, cursor).search(/\S*$/);
  return { start, typed: line.slice(start, cursor) };
}

function suggest(typed: string, { qualifiers, actions }: Suggestions): string[] {
  const small = typed.toLowerCase();
  if (small.startsWith('action:')) {
    const value = small.slice('action:'.length);
    const nouns = [...new Set(actions.map((action) => `${action.split('.')[0]}.*`))];
    const found = [...nouns, ...actions].filter((action) => action.includes(value) && action !== value);
    return found.map((action) => `action:${action}`).slice(0, MOST);
  }
  if (small.startsWith('outcome:')) {
    return ['outcome:success', 'outcome:failure'].filter((one) => one.startsWith(small) && one !== small);
  }
  return small === ''
    ? []
    : Object.keys(qualifiers).flatMap((name) => (name.startsWith(small) ? [`${name}:`] : []));
}

function Help({ qualifiers, id }: { qualifiers: Suggestions['qualifiers']; id: string }) {
  return (
    <div id={id} className="rounded-lg border border-line bg-surface p-4 text-sm">
      <p>
        Every part of the question must hold. Several parts with the same name mean any of them. What has no
        name in front is searched for as text: each word is the beginning of a word in the event, such as the
        name of a target, a reason or an error.
      </p>
      <dl className="mt-3 grid gap-x-4 gap-y-1.5 sm:grid-cols-[auto_1fr]">
        {Object.entries(qualifiers).map(([name, told]) => (
          <div key={name} className="contents">
            <dt>
              <code className="font-mono text-[0.8125rem]">{name}:</code>
            </dt>
            <dd className="text-quiet max-sm:mb-1.5 [overflow-wrap:anywhere]">{told}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3">
        Values with spaces stand in double quotes: <code className="font-mono">actor:"Anna Smith"</code>. In
        the table the arrow keys, J and K move from event to event, and Enter opens one.
      </p>
    </div>
  );
}

/** The line that asks, with suggestions while it is typed. Without script it is a plain form. */
export function QueryBar({ q, ...suggestions }: { q: string } & Suggestions) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [line, setLine] = useState(q);
  const [cursor, setCursor] = useState<number | null>(null);
  const [active, setActive] = useState(-1);
  const [helps, setHelps] = useState(false);
  const part = cursor === null ? null : partAt(line, cursor);
  const found = part === null ? [] : suggest(part.typed, suggestions);

  function take(suggestion: string) {
    if (part === null) {
      return;
    }
    const before = `${line.slice(0, part.start)}${suggestion}${suggestion.endsWith(':') ? '' : ' '}`;
    const after = line.slice(part.start).replace(/^\S*\s?/, '');
    setLine(before + after);
    setCursor(suggestion.endsWith(':') ? before.length : null);
    setActive(-1);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(before.length, before.length);
    });
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === '?' && line.trim() === '') {
      event.preventDefault();
      setHelps(true);
    } else if (found.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((active + step + found.length + (active < 0 && step < 0 ? 1 : 0)) % found.length);
    } else if (event.key === 'Enter' && found[active] !== undefined) {
      event.preventDefault();
      take(found[active]);
    } else if (event.key === 'Escape' && found.length > 0) {
      event.preventDefault();
      setCursor(null);
    }
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a form with this role is what every browser in use reads
    <form action="/audit" role="search" aria-label="Audit events" className="flex flex-col gap-2">
      <label htmlFor={id} className="text-sm font-medium">
        Question
      </label>
      <div className="flex flex-wrap gap-2">
        <div className="relative min-w-0 flex-1 basis-64">
          <input
            ref={input}
            id={id}
            name="q"
            value={line}
            placeholder="actor:anna@example.com action:rotation.* created:2026-11-01.."
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
          <div
            id={`${id}-list`}
            role="listbox"
            tabIndex={-1}
            aria-label="Suggestions"
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
                <span className="text-quiet">{suggestions.qualifiers[suggestion.slice(0, -1)]}</span>
              </div>
            ))}
          </div>
        </div>
        <Button type="submit" look="primary">
          <Search aria-hidden className="size-4" />
          Search
        </Button>
        <button
          type="button"
          aria-expanded={helps}
          aria-controls={`${id}-help`}
          onClick={() => setHelps(!helps)}
          className={buttonClass()}
        >
          <CircleHelp aria-hidden className="size-4" />
          <span className="sr-only">Help with questions</span>
        </button>
      </div>
      {helps && <Help id={`${id}-help`} qualifiers={suggestions.qualifiers} />}
    </form>
  );
}
