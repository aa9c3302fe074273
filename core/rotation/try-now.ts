import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { describe } from '#core/rotation/describe.ts';
import { loadRotation } from '#core/rotation/load-rotation.ts';
import { refusalNow } from '#core/rotation/refusal.ts';
import { notFound, Problem } from '#lib/problem.ts';
import { ring } from '#lib/queue.ts';

interface Due {
  fence: bigint;
  at: Date | null;
  paused: string | null;
}

const notNow = (why: string) => new Problem(409, 'not_now', `${why} Nothing was changed.`);

/**
 * Has the next attempt made now, where an earlier one failed and the rotation waits for its time. Only that time moves:
 * the attempt is counted like any other, and whoever works on the rotation keeps it.
 */
export const tryNow = useCase(
  {
    name: 'try-now',
    may: ['operator', 'admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ rotationId: z.uuid() }),
  },
  async ({ actor, db }, { rotationId }) => {
    // Read before the situation: the fence says below whether anybody has worked on the rotation since.
    const [due] = await db.prisma.$queryRaw<Due[]>`
      select fence, next_attempt_at as at,
             case when not goes_on_in_pause(r) then is_paused(r.credential_id) end as paused
        from rotations r where r.id = ${rotationId}::uuid`;
    if (due === undefined) {
      throw notFound('rotation');
    }
    const { situation } = await loadRotation(rotationId);
    const why = refusalNow('try_now', situation, due.paused !== null);
    if (why !== null) {
      throw notNow(why);
    }
    await db.prisma.$transaction(async (tx) => {
      const moved = await tx.$executeRaw`
        update rotations set next_attempt_at = rekey_now()
         where id = ${rotationId}::uuid and fence = ${due.fence} and outcome is null and hold is null
           and next_attempt_at > rekey_now() and (lease_until is null or lease_until < rekey_now())`;
      if (moved === 0 || due.at === null) {
        throw notNow('It is being tried at this moment, or has just moved on.');
      }
      await record(tx, {
        action: 'rotation.tried_now',
        ...describe(situation),
        actor: auditActor(actor),
        phase: situation.phase,
        due: due.at.toISOString(),
      });
    });
    // The sweep finds it as well.
    await ring({ rotationId, fence: String(due.fence) }).catch(() => {});
  },
);
