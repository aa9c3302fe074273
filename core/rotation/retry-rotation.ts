import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';

/** Tries the deliveries that failed again now, without waiting for their time, and with their attempts counted anew. */
export const retryRotation = useCase(
  {
    name: 'retry-rotation',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid() }),
  },
  async ({ actor }, { rotationId }) =>
    actOnRotation({ actor, rotationId, action: 'retry' }, ({ situation }, about) => ({
      patch: { rotation: { hold: null, hold_detail: null, phase_at: situation.now } },
      events: [{ action: 'rotation.resumed', ...about }],
    })),
);
