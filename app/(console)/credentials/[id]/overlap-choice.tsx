'use client';

import clsx from 'clsx';
import { type ReactNode, useId } from 'react';
import { inputClass } from '#app/_components/field.tsx';
import {
  type OverlapUnit,
  type OverlapWish,
  overlapEnd,
  overlapOptions,
  overlapSeconds,
  overlapUnits,
} from '#app/_components/overlap-options.ts';

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

function CustomLength({ wish, onChange }: { wish: OverlapWish; onChange(wish: OverlapWish): void }) {
  const id = useId();
  const wrong = overlapSeconds(wish) === null;
  return (
    <div className="px-3 pb-3 pl-10">
      <div className="flex gap-2">
        <input
          type="number"
          aria-label="Length of the overlap"
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? `${id}-wrong` : undefined}
          min={1}
          step="any"
          value={wish.amount}
          onChange={(event) => onChange({ ...wish, amount: event.currentTarget.value })}
          className={clsx(inputClass, 'max-w-28')}
        />
        <select
          aria-label="Unit"
          value={wish.unit}
          onChange={(event) => onChange({ ...wish, unit: event.currentTarget.value as OverlapUnit })}
          className={clsx(inputClass, 'max-w-36')}
        >
          {Object.keys(overlapUnits).map((unit) => (
            <option key={unit}>{unit}</option>
          ))}
        </select>
      </div>
      {wrong && (
        <p id={`${id}-wrong`} className="mt-1 text-sm text-bad">
          An overlap lasts from 1 second to 90 days.
        </p>
      )}
    </div>
  );
}

/** How long the old version keeps working; every choice with its exact end in the reader's zone. */
export function OverlapChoice({
  wish,
  now,
  oldVersion,
  onChange,
}: {
  wish: OverlapWish;
  now: number;
  oldVersion: string;
  onChange(wish: OverlapWish): void;
}) {
  const custom = overlapSeconds({ ...wish, option: 'custom' });
  return (
    <fieldset>
      <legend className="font-semibold">Overlap</legend>
      <p className="mt-0.5 mb-2.5 text-sm text-quiet">
        How long {oldVersion} keeps working after every target has the new secret.
      </p>
      <div className="flex flex-col gap-2">
        {overlapOptions.map(({ id, label, seconds }) => (
          <Card
            key={id}
            label={label}
            end={overlapEnd(now, seconds)}
            chosen={wish.option === id}
            choose={() => onChange({ ...wish, option: id })}
          />
        ))}
        <Card
          label="Custom"
          end={wish.option !== 'custom' || custom === null ? '' : overlapEnd(now, custom)}
          chosen={wish.option === 'custom'}
          choose={() => onChange({ ...wish, option: 'custom' })}
        >
          {wish.option === 'custom' && <CustomLength wish={wish} onChange={onChange} />}
        </Card>
      </div>
    </fieldset>
  );
}
