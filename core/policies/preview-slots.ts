import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { rhythmInput } from '#core/policies/rhythm-input.ts';
import { nextSlot, type Rhythm, RhythmError } from '#core/schedule/next-slot.ts';
import { databaseTime } from '#lib/clock.ts';
import { Problem } from '#lib/problem.ts';

/** The slots a rhythm would have from now on, so that people see what they are about to choose. Saves nothing. */
export const previewSlots = read(
  {
    name: 'preview-slots',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({ rhythm: rhythmInput, count: z.int().min(1).max(20).default(5) }),
  },
  async (_context, { rhythm, count }) => {
    const slots = slotsFrom(await databaseTime(), rhythm, count);
    if (slots.length === 0) {
      throw new Problem(422, 'bad_schedule', 'This schedule never comes due.');
    }
    return { slots: slots.map((slot) => slot.toISOString()) };
  },
);

function slotsFrom(now: Date, rhythm: Rhythm, count: number): Date[] {
  const slots: Date[] = [];
  try {
    let slot = nextSlot(rhythm, now, now);
    while (slot !== null && slots.length < count) {
      slots.push(slot);
      slot = nextSlot(rhythm, slot, now);
    }
  } catch (error) {
    if (error instanceof RhythmError) {
      throw new Problem(422, 'bad_schedule', `${error.message}.`);
    }
    throw error;
  }
  return slots;
}
