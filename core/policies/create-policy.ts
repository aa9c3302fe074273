import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { rhythmInput } from '#core/policies/rhythm-input.ts';
import { nextSlot, type Rhythm, RhythmError } from '#core/schedule/next-slot.ts';
import { databaseTime } from '#lib/clock.ts';
import { newId } from '#lib/new-id.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  name: z.string().trim().min(1).max(100),
  rhythm: rhythmInput,
  graceSeconds: z
    .int()
    .min(0)
    .max(90 * 24 * 60 * 60),
});

const nothing = 'Nothing was saved.';

/** Two slots in a row, which also proves that the rhythm can be read and does fire. */
function firstSlots(rhythm: Rhythm, now: Date): [Date, Date] {
  try {
    const first = nextSlot(rhythm, now, now);
    const second = first === null ? null : nextSlot(rhythm, first, now);
    if (first !== null && second !== null) {
      return [first, second];
    }
  } catch (error) {
    if (!(error instanceof RhythmError)) {
      throw error;
    }
    throw new Problem(422, 'bad_schedule', `${error.message}. ${nothing}`);
  }
  throw new Problem(422, 'bad_schedule', `This schedule never comes due. ${nothing}`);
}

/** Saves when credentials rotate and how long their old version is kept. It touches no credential until it is assigned. */
export const createPolicy = useCase(
  { name: 'create-policy', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { name, rhythm, graceSeconds }) => {
    const [first, second] = firstSlots(rhythm, await databaseTime());
    if (second.getTime() - first.getTime() <= graceSeconds * 1000) {
      throw new Problem(
        422,
        'overlap_too_long',
        `The old version would be kept for ${graceSeconds} s, but the next slot comes after ${(second.getTime() - first.getTime()) / 1000} s. Shorten the grace period or rotate less often. ${nothing}`,
      );
    }
    const id = newId();
    const fixed = 'intervalSeconds' in rhythm;
    await db.prisma.$transaction(async (tx) => {
      if ((await tx.policy.findUnique({ where: { name } })) !== null) {
        const sentence = `There is already a policy called ${name}.`;
        throw new Problem(409, 'name_taken', `${sentence} ${nothing}`, {}, { name: sentence });
      }
      await tx.policy.create({
        data: {
          id,
          name,
          intervalSeconds: fixed ? rhythm.intervalSeconds : null,
          cron: fixed ? null : rhythm.cron,
          timeZone: fixed ? 'UTC' : rhythm.timeZone,
          graceSeconds,
        },
      });
      await record(tx, { action: 'policy.created', actor: auditActor(actor), id, name });
    });
    return { id };
  },
);
