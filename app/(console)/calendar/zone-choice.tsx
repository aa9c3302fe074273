'use client';

import { type FormEvent, useId, useSyncExternalStore } from 'react';
import { Button } from '#app/_components/button.tsx';
import { inputClass } from '#app/_components/field.tsx';
import { remember, zoneCookie } from '#app/_components/preferences.ts';
import { TextLink } from '#app/_components/text-link.tsx';
import { zoneChoice as words } from '#app/_words/calendar.ts';

const never = () => () => {};
const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** In which zone days and times are shown. The calendar opens in what was chosen here last. */
export function ZoneChoice({ view, month, zone }: { view: string | undefined; month: string; zone: string }) {
  const id = useId();
  const own = useSyncExternalStore(never, ownZone, () => zone);
  const query = new URLSearchParams({ ...(view && { view }), month, zone: own });
  const keep = (submitted: FormEvent<HTMLFormElement>) => {
    const chosen = String(new FormData(submitted.currentTarget).get('zone') ?? '');
    // Whoever is back in their own zone goes on with it also where they travel.
    remember(zoneCookie, chosen === own ? '' : chosen);
  };
  return (
    <form method="get" onSubmit={keep} className="flex flex-wrap items-end gap-2">
      {view !== undefined && <input type="hidden" name="view" value={view} />}
      <input type="hidden" name="month" value={month} />
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="text-sm font-medium">
          {words.zone}
        </label>
        <input id={id} name="zone" defaultValue={zone} spellCheck={false} className={inputClass} />
      </div>
      <Button type="submit">{words.show}</Button>
      {own !== zone && (
        <TextLink href={`/calendar?${query}`} onClick={() => remember(zoneCookie, '')}>
          {words.showIn(own)}
        </TextLink>
      )}
    </form>
  );
}
