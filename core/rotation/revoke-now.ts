import { z } from 'zod';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { requireUnpaused } from '#core/rotation/require-unpaused.ts';

const input = z.object({ rotationId: z.uuid(), reason: reason.optional() });

/** Ends an overlap now: the old secret is revoked. Refused unless every required target has the new one. */
export const revokeNow = useCase(
  { name: 'revoke-now', may: ['operator', 'admin'], stepUp: true, scope: 'credential', input },
  async ({ actor, db }, { rotationId, reason }) => {
    const rotation = await db.prisma.rotation.findUnique({ where: { id: rotationId } });
    if (rotation !== null) {
      await requireUnpaused(rotation.credentialId);
    }
    await actOnRotation({ actor, rotationId, action: 'revoke_now' }, ({ situation }, about) => ({
      patch: {
        rotation: {
          overlap_ends_at: situation.now,
          hold: null,
          hold_detail: null,
          // A person has decided: that the old secret is still used does not hold it again.
          usage_looked_at: situation.now,
          old_seen_at: null,
        },
      },
      events: [
        {
          action: 'rotation.hastened',
          ...about,
          breakGlass: false,
          ...(reason === undefined ? {} : { reason }),
        },
      ],
    }));
  },
);
