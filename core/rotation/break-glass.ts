import { z } from 'zod';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { breakGlassRefusal } from '#core/rotation/refusal.ts';

const input = z.object({ rotationId: z.uuid(), reason });

/**
 * Has the old secret revoked at once although not every required target is confirmed: those that have not got the new
 * one stop working. For a secret in the wrong hands, with a reason.
 */
export const breakGlass = useCase(
  { name: 'break-glass', may: ['admin'], stepUp: true, scope: 'credential', input },
  async ({ actor }, { rotationId, reason }) =>
    actOnRotation(
      {
        actor,
        rotationId,
        action: 'revoke_now',
        refuse: ({ situation }) => breakGlassRefusal(situation),
      },
      ({ situation }, about) => ({
        patch: {
          rotation: {
            ...(situation.phase === 'overlap' ? {} : { phase: 'promote' }),
            grace_seconds: 0,
            overlap_ends_at: situation.now,
            hold: null,
            hold_detail: null,
          },
        },
        events: [{ action: 'rotation.hastened', ...about, breakGlass: true, reason }],
      }),
    ),
);
