import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { graceSeconds } from '#core/rotation/grace.ts';
import { awaitsUse } from '#core/rotation/usage.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  rotationId: z.uuid(),
  /** Until when both secrets shall still work: an instant, or so many seconds from now on. */
  end: z.union([
    z.object({ until: z.iso.datetime() }),
    z.object({ seconds: graceSeconds.min(1, 'Say how much longer both secrets shall work.') }),
  ]),
});

type End = z.output<typeof input>['end'];

/** The instant, held to the limits of a grace period. */
function instantOf(end: End, now: Date): Date {
  if ('seconds' in end) {
    return new Date(now.getTime() + end.seconds * 1000);
  }
  const until = new Date(end.until);
  const checked = graceSeconds.safeParse(Math.max(0, Math.floor((until.getTime() - now.getTime()) / 1000)));
  if (!checked.success) {
    throw new Problem(422, 'too_long', `${checked.error.issues[0]?.message} Nothing was changed.`);
  }
  return until;
}

/** Lets an overlap end later than it was to. To end it sooner is another action. */
export const extendOverlap = useCase(
  { name: 'extend-overlap', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor }, { rotationId, end }) =>
    actOnRotation({ actor, rotationId, action: 'extend' }, ({ situation }, about) => {
      const until = instantOf(end, situation.now);
      if (until <= (situation.overlapEndsAt ?? situation.now)) {
        throw new Problem(
          422,
          'not_longer',
          `The overlap lasts until ${(situation.overlapEndsAt ?? situation.now).toISOString()} already. Nothing was changed.`,
        );
      }
      return {
        patch: {
          rotation: {
            overlap_ends_at: until,
            next_attempt_at: awaitsUse(situation) ? situation.now : until,
            // Who uses the old secret is known by now; what counts from here on is whether they still do.
            ...(situation.hold === 'usage_seen'
              ? { hold: null, hold_detail: null, phase_at: situation.now, old_seen_at: null }
              : {}),
          },
        },
        events: [{ action: 'rotation.extended', ...about, until: until.toISOString() }],
      };
    }),
);
