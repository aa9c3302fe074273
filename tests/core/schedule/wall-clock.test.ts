import { expect, test } from 'vitest';
import { isTimeZone } from '#core/schedule/wall-clock.ts';

test('a time zone is known by its present name and by an older one, and what is none is refused', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta']) {
    expect(isTimeZone(zone), zone).toBe(true);
  }
  for (const zone of ['', 'Mars/Olympus', 'Europe/Berlin; x', '../etc']) {
    expect(isTimeZone(zone), zone).toBe(false);
  }
});
