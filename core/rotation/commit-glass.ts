import type { Actor } from '#core/access/actor.ts';
import type { AuditEvent } from '#core/audit/events.ts';
import { type About, actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { breakGlassRefusal } from '#core/rotation/refusal.ts';
import type { Db } from '#lib/db.ts';

interface Breaking {
  actor: Actor;
  rotationId: string;
  reason: string;
  /** Why it is broken without a second person. */
  alone: boolean;
  /** Stored in the same commit. Throws a `Problem` where it is refused after all. */
  alongside: (tx: Db) => Promise<void>;
  /** What is told beside that the rotation was hastened. */
  events: (about: About) => readonly AuditEvent[];
}

/**
 * Has the old secret revoked at once although not every required target is confirmed, and opens the review of it. Everything is
 * stored in one commit: nothing is revoked that no row tells of.
 */
export async function commitGlass(breaking: Breaking): Promise<void> {
  const { actor, rotationId, reason, alone, alongside, events } = breaking;
  await actOnRotation(
    {
      actor,
      rotationId,
      action: 'revoke_now',
      refuse: ({ situation }) => breakGlassRefusal(situation),
      alongside,
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
      events: [
        ...events(about),
        { action: 'rotation.hastened', ...about, breakGlass: true, alone, reason },
        { action: 'review.opened', ...about },
      ],
    }),
  );
}
