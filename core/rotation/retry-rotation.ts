import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import type { Phase } from '#core/rotation/strategies.ts';

/** What was accepted and is not kept has to be delivered again before it can be confirmed. */
const deliversAgain: Partial<Record<Phase, Phase>> = {
  confirm_next: 'deliver_next',
  redeploy: 'deliver',
  confirm: 'deliver',
};

/**
 * Delivers again now, without waiting, and with the attempts counted anew. Where a target is waited for that accepted
 * the secret, every target is given it once more, which is harmless.
 */
export const retryRotation = useCase(
  {
    name: 'retry-rotation',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid() }),
  },
  async ({ actor }, { rotationId }) =>
    actOnRotation({ actor, rotationId, action: 'retry' }, ({ situation }, about) => {
      const phase = deliversAgain[situation.phase];
      const again = phase === undefined ? {} : { phase, direction_at: situation.now };
      return {
        patch: { rotation: { hold: null, hold_detail: null, phase_at: situation.now, ...again } },
        events: [{ action: 'rotation.resumed', ...about }],
      };
    }),
);
