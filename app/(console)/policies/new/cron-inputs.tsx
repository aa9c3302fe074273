'use client';

import { TextInput } from '#app/_components/input-frame.tsx';
import { cronInputs } from '#app/_words/policies.ts';

/** A cron expression and its time zone. */
export function CronInputs({
  timeZones,
  cron,
  timeZone,
}: {
  timeZones: readonly string[];
  cron: string;
  timeZone: string;
}) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextInput
        name="rhythm.cron"
        label={cronInputs.cron}
        hint={cronInputs.cronHint}
        placeholder={cronInputs.cronExample}
        defaultValue={cron}
        required
        spellCheck={false}
        maxLength={200}
        className="[&_input]:font-mono"
      />
      <TextInput
        name="rhythm.timeZone"
        label={cronInputs.timeZone}
        hint={cronInputs.timeZoneHint}
        list="time-zones"
        placeholder={cronInputs.timeZoneExample}
        defaultValue={timeZone}
        required
        spellCheck={false}
      />
      <datalist id="time-zones">
        {timeZones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </div>
  );
}

/** Most people mean their own zone, and the server does not know which that is. */
export function fillInZone(element: HTMLFormElement, timeZones: readonly string[]): void {
  const input = element.elements.namedItem('rhythm.timeZone');
  if (input instanceof HTMLInputElement && input.value === '') {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    input.value = timeZones.includes(timeZone) ? timeZone : 'UTC';
  }
}
