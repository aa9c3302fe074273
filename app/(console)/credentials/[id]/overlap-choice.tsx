'use client';

import clsx from 'clsx';
import { type ReactNode, useId } from 'react';
import { Field, inputClass } from '#app/_components/field.tsx';
import {
  type OverlapWish,
  overlapEnd,
  overlapOptions,
  overlapSeconds,
  overlapUnits,
  type UntilSeen,
} from '#app/_components/overlap-options.ts';
import { lengthWords } from '#app/_words/rhythm.ts';
import { customOverlap, overlapChoice as words } from '#app/_words/rotate-sheet.ts';

export function Card({
  label,
  end,
  chosen,
  choose,
  children,
}: {
  label: string;
  end: string;
  chosen: boolean;
  choose(): void;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <div
      className={clsx(
        'rounded-md border',
        chosen ? 'border-accent bg-raised ring-1 ring-accent' : 'border-line hover:bg-raised',
      )}
    >
      <label htmlFor={id} className="flex min-h-11 cursor-pointer items-center gap-3 px-3 py-2">
        <input
          id={id}
          type="radio"
          name="overlap"
          checked={chosen}
          onChange={choose}
          aria-labelledby={`${id}-label`}
          aria-describedby={`${id}-end`}
          className="size-4 shrink-0 accent-accent"
        />
        <span className="flex min-w-0 flex-1 flex-wrap items-baseline justify-between gap-x-3">
          <span id={`${id}-label`} className="font-semibold">
            {label}
          </span>
          <span id={`${id}-end`} className="text-sm text-quiet">
            {end}
          </span>
        </span>
      </label>
      {children}
    </div>
  );
}

function CustomEnd({
  wish,
  now,
  onChange,
}: {
  wish: OverlapWish;
  now: number;
  onChange(wish: OverlapWish): void;
}) {
  const id = useId();
  const wrong = overlapSeconds(wish, now) === null;
  const described = {
    'aria-invalid': wrong || undefined,
    'aria-describedby': wrong ? `${id}-wrong` : undefined,
  };
  return (
    <div className="px-3 pb-3 pl-10">
      <div className="flex flex-wrap gap-2">
        {wish.unit === 'until' ? (
          <input
            type="datetime-local"
            aria-label={customOverlap.end}
            {...described}
            value={wish.until ?? ''}
            onChange={(event) => onChange({ ...wish, until: event.currentTarget.value })}
            className={clsx(inputClass, 'max-w-56')}
          />
        ) : (
          <input
            type="number"
            aria-label={customOverlap.length}
            {...described}
            min={1}
            step="any"
            value={wish.amount}
            onChange={(event) => onChange({ ...wish, amount: event.currentTarget.value })}
            className={clsx(inputClass, 'max-w-28')}
          />
        )}
        <select
          aria-label={customOverlap.unit}
          value={wish.unit}
          onChange={(event) => onChange({ ...wish, unit: event.currentTarget.value as OverlapWish['unit'] })}
          className={clsx(inputClass, 'max-w-36')}
        >
          {Object.keys(overlapUnits).map((unit) => (
            <option key={unit}>{unit}</option>
          ))}
          <option value="until">{customOverlap.until}</option>
        </select>
      </div>
      {wrong && (
        <p id={`${id}-wrong`} className="mt-1 text-sm text-bad">
          {customOverlap.wrong}
        </p>
      )}
    </div>
  );
}

/** To have no overlap is meant by whoever types the name. */
function TypedName({ name, typed, onType }: { name: string; typed: string; onType(typed: string): void }) {
  return (
    <div className="flex flex-col gap-2 px-3 pb-3 pl-10">
      <p className="text-sm">{words.noneAbout}</p>
      <Field
        label={words.typeName(name)}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
    </div>
  );
}

/** How long the old version keeps working; every choice with its exact end in the reader's zone, and none of them last. */
export function OverlapChoice({
  wish,
  now,
  name,
  oldVersion,
  typed,
  seen,
  onChange,
  onType,
}: {
  wish: OverlapWish;
  now: number;
  name: string;
  oldVersion: string;
  typed: string;
  /** Null where nobody says which version is in use. */
  seen: UntilSeen | null;
  onChange(wish: OverlapWish): void;
  onType(typed: string): void;
}) {
  const id = useId();
  const custom = overlapSeconds({ ...wish, option: 'custom' }, now);
  const card = (option: OverlapWish['option']) => ({
    chosen: wish.option === option,
    choose: () => onChange({ ...wish, option }),
  });
  return (
    <div role="radiogroup" aria-labelledby={`${id}-title`} aria-describedby={`${id}-about`}>
      <h3 id={`${id}-title`} className="font-semibold">
        {words.title}
      </h3>
      <p id={`${id}-about`} className="mt-0.5 mb-2.5 text-sm text-quiet">
        {words.about(oldVersion)}
      </p>
      <div className="flex flex-col gap-2">
        {overlapOptions.map(({ id: option, label, seconds }) => (
          <Card key={option} label={label} end={overlapEnd(now, seconds)} {...card(option)} />
        ))}
        {seen !== null && (
          <Card
            label={words.untilSeen}
            end={words.untilSeenEnd(lengthWords(seen.afterUseSeconds), overlapEnd(now, seen.mostSeconds))}
            {...card('seen')}
          />
        )}
        <Card
          label={words.custom}
          end={wish.option !== 'custom' || custom === null ? '' : overlapEnd(now, custom)}
          {...card('custom')}
        >
          {wish.option === 'custom' && <CustomEnd wish={wish} now={now} onChange={onChange} />}
        </Card>
        <Card label={words.none} end={words.noneEnd(oldVersion)} {...card('none')}>
          {wish.option === 'none' && <TypedName name={name} typed={typed} onType={onType} />}
        </Card>
      </div>
    </div>
  );
}
