'use client';

import { useState } from 'react';
import { blackoutsOf, linesOf } from '#app/_components/blackout-lines.ts';
import { textOf } from '#app/_components/form-values.ts';
import { InputFrame, TextInput, TickBox } from '#app/_components/input-frame.tsx';
import { LengthInput, secondsOf } from '#app/_components/length-input.tsx';
import { rulesInputs as words } from '#app/_words/policies.ts';
import { weekdays } from '#app/_words/rhythm.ts';
import type { PolicyRules, RulesWish } from '#core/schedule/rules.ts';

/** From Monday on; Sunday is 0. */
const days = weekdays.slice(1).map((name, n) => ({ day: (n + 1) % 7, name }));

/** The input at which something is said of the days of a window. */
export const FIRST_DAY = 'window.day.1';

/** What the inputs say now, also while they are incomplete. */
export function rulesOf(data: FormData): RulesWish {
  const isOpen = data.get('window.on') === null;
  return {
    window: isOpen
      ? null
      : {
          days: days.filter(({ day }) => data.get(`window.day.${day}`) !== null).map(({ day }) => day),
          from: textOf(data, 'rules.window.from') ?? '',
          to: textOf(data, 'rules.window.to') ?? '',
          timeZone: textOf(data, 'rules.window.timeZone') ?? '',
        },
    blackouts: blackoutsOf(String(data.get('rules.blackouts') ?? '')),
    jitterSeconds: secondsOf(data, 'rules.jitterSeconds') || 0,
  };
}

function WindowInputs({ window }: { window: PolicyRules['window'] }) {
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="sr-only">{words.window}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {days.map(({ day, name }) => (
          <TickBox
            key={day}
            name={`window.day.${day}`}
            label={name}
            defaultChecked={(window?.days ?? [1, 2, 3, 4, 5]).includes(day)}
          />
        ))}
      </div>
      <div className="grid gap-4 sm:grid-cols-3">
        <TextInput
          name="rules.window.from"
          label={words.from}
          type="time"
          defaultValue={window?.from ?? '22:00'}
          required
        />
        <TextInput
          name="rules.window.to"
          label={words.to}
          hint={words.toHint}
          type="time"
          defaultValue={window?.to ?? '04:00'}
          required
        />
        <TextInput
          name="rules.window.timeZone"
          label={words.timeZone}
          list="time-zones"
          defaultValue={window?.timeZone ?? 'UTC'}
          required
          spellCheck={false}
        />
      </div>
    </fieldset>
  );
}

/** When rotations may start, and how far they are spread. */
export function RulesInputs({ rules, onFold }: { rules: PolicyRules; onFold: () => void }) {
  const [hasWindow, setHasWindow] = useState(rules.window !== null);
  return (
    <>
      <label className="flex min-h-9 items-center gap-2.5 text-sm font-medium pointer-coarse:min-h-11">
        <input
          type="checkbox"
          name="window.on"
          checked={hasWindow}
          onChange={(event) => {
            setHasWindow(event.currentTarget.checked);
            onFold();
          }}
          className="size-5 shrink-0 accent-accent pointer-coarse:size-6"
        />
        {words.windowOnly}
      </label>
      {hasWindow && <WindowInputs window={rules.window} />}
      <InputFrame name="rules.blackouts" label={words.blackouts} hint={words.blackoutsHint}>
        {(control) => (
          <textarea
            {...control}
            className={`${control.className} py-2 font-mono`}
            rows={3}
            defaultValue={linesOf(rules.blackouts)}
          />
        )}
      </InputFrame>
      <LengthInput
        name="rules.jitterSeconds"
        label={words.spread}
        seconds={rules.jitterSeconds}
        unit="minutes"
        min={0}
      />
    </>
  );
}
