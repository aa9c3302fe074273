import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';

/**
 * Lets a held rotation go on from the step it stands at, with its attempts counted anew. An issuer that was called
 * unhealthy gets another chance with it, and is probed at once: it stays unhealthy until it answers, so that the rotations
 * that wait for that go on then.
 */
export const resumeRotation = useCase(
  {
    name: 'resume-rotation',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid() }),
  },
  async ({ actor }, { rotationId }) =>
    actOnRotation({ actor, rotationId, action: 'resume' }, ({ situation }, about) => ({
      patch: {
        rotation: {
          hold: null,
          hold_detail: null,
          // In an overlap nothing is attempted, and the promotion stays what uses of the old version are held against.
          ...(situation.phase === 'overlap' ? {} : { phase_at: situation.now }),
        },
        ...(situation.issuer.healthy ? {} : { issuer: { failures: 0, probe_at: situation.now } }),
      },
      events: [{ action: 'rotation.resumed', ...about }],
    })),
);
