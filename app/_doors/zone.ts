import { cookies } from 'next/headers';
import { ownZoneCookie, zoneCookie } from '#app/_components/preferences.ts';
import { isTimeZone } from '#core/schedule/wall-clock.ts';

/**
 * The zone that a reader's calendar opens in: the one they chose last, else that of their browser. Undefined before a browser told
 * its zone, and where what it told is none.
 */
export async function zoneOfReader(): Promise<string | undefined> {
  const kept = await cookies();
  const told = [zoneCookie, ownZoneCookie].map((name) => kept.get(name)?.value ?? '');
  return told.find(isTimeZone);
}
