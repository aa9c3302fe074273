import { z } from 'zod';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { firstPhaseBack } from '#core/rotation/pending.ts';

const input = z.object({ rotationId: z.uuid(), reason: reason.optional() });

/**
 * Turns a rotation back: targets that may have the new secret get the old one again, and the new one is retired. Only
 * before the point of no return.
 */
export const rollBackRotation = useCase(
  { name: 'roll-back-rotation', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor }, { rotationId, reason }) =>
    actOnRotation({ actor, rotationId, action: 'roll_back' }, ({ situation }, about) => ({
      patch: {
        rotation: {
          direction: 'back',
          direction_at: situation.now,
          phase: firstPhaseBack(situation),
          phase_at: situation.now,
          hold: null,
          hold_detail: null,
        },
      },
      events: [{ action: 'rotation.turned_back', ...about, ...(reason === undefined ? {} : { reason }) }],
    })),
);
