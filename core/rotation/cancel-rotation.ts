import { z } from 'zod';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';

/** Ends a rotation that has changed nothing outside. */
export const cancelRotation = useCase(
  {
    name: 'cancel-rotation',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid(), reason: reason.optional() }),
  },
  async ({ actor }, { rotationId, reason }) =>
    actOnRotation({ actor, rotationId, action: 'cancel' }, (_loaded, about) => ({
      patch: { rotation: { outcome: 'cancelled', hold: null, hold_detail: null } },
      events: [{ action: 'rotation.cancelled', ...about, ...(reason === undefined ? {} : { reason }) }],
    })),
);
