import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { previewSlots } from '#core/policies/preview-slots.ts';
import { db } from '#lib/db.ts';

const actor = system('test');

test('an interval gives slots at that distance, the first one an interval from now', async () => {
  const { slots } = await previewSlots(actor, { rhythm: { intervalSeconds: 3600 } });
  const times = slots.map((slot) => new Date(slot.at).getTime());
  expect(times).toHaveLength(5);
  expect(times.slice(1).map((time, i) => time - (times[i] ?? 0))).toEqual([3600e3, 3600e3, 3600e3, 3600e3]);
});

test('a cron expression is read in its time zone, through a change of summer time', async () => {
  const rhythm = { cron: '0 3 1 * *', timeZone: 'Europe/Berlin' };
  const { slots } = await previewSlots(actor, { rhythm, count: 12 });
  const hours = new Set(slots.map((slot) => new Date(slot.at).getUTCHours()));
  expect(hours).toEqual(new Set([1, 2]));
});

test.each([
  [{ cron: 'nonsense', timeZone: 'UTC' }, /cannot be read as a schedule/],
  [{ cron: '0 3 * * *', timeZone: 'Mars/Olympus' }, /cannot be read as a schedule/],
  [{ cron: '0 3 31 2 *', timeZone: 'UTC' }, /never comes due/],
])('a schedule that is none is refused with a sentence', async (rhythm, sentence) => {
  await expect(previewSlots(actor, { rhythm })).rejects.toMatchObject({
    code: 'bad_schedule',
    message: expect.stringMatching(sentence),
  });
});

test('a schedule whose preview is refused is not saved as a policy either', async () => {
  const rhythm = { cron: '0 3 31 2 *', timeZone: 'UTC' };
  await expect(createPolicy(actor, { name: 'never', rhythm, graceSeconds: 0 })).rejects.toMatchObject({
    code: 'bad_schedule',
  });
  await expect(
    createPolicy(actor, { name: 'often', rhythm: { intervalSeconds: 59 }, graceSeconds: 0 }),
  ).rejects.toMatchObject({ fields: { 'rhythm.intervalSeconds': 'An interval is at least one minute.' } });
  expect(await db().prisma.policy.count()).toBe(0);
});
