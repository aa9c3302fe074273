'use client';

import { useState } from 'react';
import { TextInput } from '#app/_components/input-frame.tsx';
import { firstRunChoice as words } from '#app/_words/forms.ts';
import type { FirstRun } from '#core/policies/first-run.ts';

const choices = [
  { value: 'next_slot', label: words.nextSlot },
  { value: 'now', label: words.now },
  { value: 'at', label: words.at },
] as const;

/** What was entered into a `datetime-local` input of this browser, as an instant; as it was typed where it is none. */
export function instantOf(data: FormData, name: string): string {
  const text = String(data.get(name) ?? '');
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

/** What a `FirstRunChoice` says. */
export function firstRunOf(data: FormData): FirstRun {
  const choice = data.get('first');
  if (choice === 'at') {
    return { at: instantOf(data, 'at') };
  }
  return choice === 'now' ? 'now' : 'next_slot';
}

/** When the first rotation is. Nothing comes unasked: the next slot is what is chosen at first. */
export function FirstRunChoice() {
  const [chosen, setChosen] = useState<string>('next_slot');
  return (
    <>
      <div className="flex flex-wrap gap-x-6">
        {choices.map(({ value, label }) => (
          <label
            key={value}
            className="flex min-h-9 items-center gap-2.5 text-sm font-medium pointer-coarse:min-h-11"
          >
            <input
              type="radio"
              name="first"
              value={value}
              checked={chosen === value}
              onChange={() => setChosen(value)}
              className="size-5 shrink-0 accent-accent pointer-coarse:size-6"
            />
            {label}
          </label>
        ))}
      </div>
      {chosen === 'at' && (
        <TextInput
          name="at"
          label={words.dayAndTime}
          hint={words.dayAndTimeHint}
          type="datetime-local"
          required
          className="max-w-72"
        />
      )}
    </>
  );
}
