import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { graceSeconds } from '#core/rotation/grace.ts';
import { awaitsUse } from '#core/rotation/usage.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  rotationId: z.uuid(),
  /** How long from now on both secrets shall still work. */
  seconds: graceSeconds.min(1, 'Say how much longer both secrets shall work.'),
});

/** Lets an overlap end later than it was to. To end it sooner is another action. */
export const extendOverlap = useCase(
  { name: 'extend-overlap', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor }, { rotationId, seconds }) =>
    actOnRotation({ actor, rotationId, action: 'extend' }, ({ situation }, about) => {
      const until = new Date(situation.now.getTime() + seconds * 1000);
      if (situation.overlapEndsAt !== null && until <= situation.overlapEndsAt) {
        throw new Problem(
          422,
          'not_longer',
          `The overlap lasts until ${situation.overlapEndsAt.toISOString()} already. Nothing was changed.`,
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
