import { z } from 'zod';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { leftBehind } from '#core/rotation/left-behind.ts';
import type { Database } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/** A hold stops a worker after its step. What that step does outside must not come after the rotation has ended. */
async function requireNothingUnderWay({ pool }: Database, rotationId: string): Promise<void> {
  const { rowCount } = await pool.query(
    'select 1 from rotations where id = $1 and outcome is null and hold is not null and lease_until > rekey_now()',
    [rotationId],
  );
  if (rowCount !== 0) {
    const sentence = 'A worker is still at the step in which the rotation was held.';
    throw new Problem(409, 'not_now', `${sentence} Nothing was changed. Do it again in a few seconds.`);
  }
}

/**
 * Ends a held rotation as it stands, where it can be neither cancelled nor rolled back: what it was for is gone at the issuer, or
 * nobody can mend what holds it. Nothing outside is touched; the event says what may still work where. The version that is current
 * stays it, and one that never was is discarded.
 */
export const abandonRotation = useCase(
  {
    name: 'abandon-rotation',
    may: ['admin'],
    stepUp: true,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid(), reason }),
  },
  async ({ actor, db }, { rotationId, reason }) => {
    await requireNothingUnderWay(db, rotationId);
    await actOnRotation({ actor, rotationId, action: 'abandon' }, ({ situation }, about) => {
      const { to } = situation;
      const unused = to?.state === 'pending' ? [{ id: to.id, state: 'discarded' }] : [];
      return {
        patch: {
          rotation: { outcome: 'abandoned', hold: null, hold_detail: null },
          ...(unused.length === 0 ? {} : { versions: unused }),
        },
        events: [{ action: 'rotation.abandoned', ...about, ...leftBehind(situation), reason }],
      };
    });
  },
);
