import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { rhythmInput } from '#core/policies/rhythm-input.ts';
import { nextSlot, type Rhythm, RhythmError } from '#core/schedule/next-slot.ts';
import { dueOf, rulesInput } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import { Problem } from '#lib/problem.ts';

/** The slots a rhythm would have from now on, so that people see what they are about to choose. Saves nothing. */
export const previewSlots = read(
  {
    name: 'preview-slots',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({
      rhythm: rhythmInput,
      rules: rulesInput.prefault({}),
      count: z.int().min(1).max(20).default(5),
    }),
  },
  async (_context, { rhythm, rules, count }) => {
    const slots = slotsFrom(await databaseTime(), rhythm, count);
    if (slots.length === 0) {
      throw new Problem(422, 'bad_schedule', 'This schedule never comes due.');
    }
    // Without its share of the jitter, which each credential has of its own.
    const starts = slots.map((slot) => dueOf(slot, { ...rules, jitterSeconds: 0 }, ''));
    return {
      slots: slots.map((slot, n) => ({
        at: slot.toISOString(),
        /** When it may start, where the rules put that off; null where they never let it. */
        starts: starts[n]?.toISOString() ?? null,
      })),
    };
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
