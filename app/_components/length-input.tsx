'use client';

import { InputFrame } from '#app/_components/input-frame.tsx';
import { lengthInput as words } from '#app/_words/forms.ts';

const units = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };
const unitNames = ['seconds', 'minutes', 'hours', 'days'] as const;

/** A length of time as a number and its unit. `secondsOf` reads it. */
export function LengthInput({
  name,
  label,
  hint,
  seconds,
  unit: usual,
  min,
}: {
  name: string;
  label: string;
  hint?: string;
  seconds: number;
  /** In which unit nothing is shown. */
  unit: keyof typeof units;
  min: number;
}) {
  const { amount, unit } = inUnits(seconds, usual);
  return (
    <InputFrame name={name} label={label} hint={hint} required>
      {(control) => (
        <div className="flex max-w-72 gap-2">
          <input {...control} type="number" inputMode="numeric" min={min} step={1} defaultValue={amount} />
          <select
            name={`${name}.unit`}
            aria-label={words.unitOf(label)}
            defaultValue={words.units[unit]}
            className={control.className}
          >
            {unitNames
              .filter((one) => one !== 'seconds' || unit === 'seconds')
              .map((one) => (
                <option key={one}>{words.units[one]}</option>
              ))}
          </select>
        </div>
      )}
    </InputFrame>
  );
}

/** The largest unit that a length is a whole number of. People are offered minutes and more; a program may have set seconds. */
export function inUnits(
  seconds: number,
  usual: keyof typeof units,
): { amount: number; unit: keyof typeof units } {
  if (seconds === 0) {
    return { amount: 0, unit: usual };
  }
  const unit = (['days', 'hours', 'minutes'] as const).find((one) => seconds % units[one] === 0) ?? 'seconds';
  return { amount: seconds / units[unit], unit };
}

/** What was entered into a `LengthInput`, in seconds. */
export function secondsOf(data: FormData, name: string): number {
  // An option is sent as the word that it shows.
  const word = data.get(`${name}.unit`);
  const unit = unitNames.find((one) => words.units[one] === word);
  return Number(data.get(name)) * (unit === undefined ? 1 : units[unit]);
}
