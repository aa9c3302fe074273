import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { KEPT_DAYS, lockEndpoint, requireEnabled } from '#core/webhooks/endpoint-input.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  endpointId: z.uuid(),
  since: z.iso.datetime({ offset: true, error: 'Give a time such as 2026-11-28T13:00:00Z.' }),
});

async function requireRecent(tx: Db, since: Date): Promise<void> {
  const [asked] = await tx.$queryRaw<{ isRecent: boolean }[]>`
    select ${since}::timestamptz <= rekey_now() and ${since}::timestamptz >= rekey_now() - make_interval(days => ${KEPT_DAYS}) as "isRecent"`;
  if (asked?.isRecent !== true) {
    const sentence = `A replay begins within the last ${KEPT_DAYS} days.`;
    throw new Problem(400, 'bad_input', `${sentence} Nothing is sent.`, {}, { since: sentence });
  }
}

/**
 * Has every event since a time sent again that the endpoint wants now, also those of a time in which it was switched off or
 * wanted others. Each keeps its `webhook-id`, so that a receiver may drop what it has.
 *
 * The endpoint's position in the log is put back, and the sweep goes through it as it does through what is new: a worker that
 * dies in the middle loses nothing, and a long replay makes no flood of rows.
 */
export const replayWebhookEvents = useCase(
  { name: 'replay-webhook-events', may: ['admin'], stepUp: false, scope: 'everything', input },
  ({ actor, db }, { endpointId: id, since: text }) =>
    db.prisma.$transaction(async (tx) => {
      const endpoint = await lockEndpoint(tx, id);
      requireEnabled(endpoint);
      const since = new Date(text);
      await requireRecent(tx, since);
      // A batch holds no event that was written more than a few seconds after it was begun. What is before `since` is left out
      // one by one.
      await tx.$executeRaw`
        update webhook_endpoints w
           set position = least(w.position, coalesce(
                 (select last_seq from audit_batches where at < ${since}::timestamptz - interval '1 minute'
                   order by at desc, n desc limit 1), 0)),
               replay_since = least(case when w.position < w.replay_through then w.replay_since end, ${since}::timestamptz),
               replay_through = greatest(w.position, w.replay_through)
         where w.id = ${id}::uuid`;
      const about = { id, name: endpoint.name, since: since.toISOString() };
      await record(tx, { action: 'webhook_endpoint.replayed', actor: auditActor(actor), ...about });
    }),
);
