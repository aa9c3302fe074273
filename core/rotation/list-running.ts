import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { attentionMark } from '#core/rotation/attention-mark.ts';
import { holdSentence } from '#core/rotation/holds.ts';

const SHOWN = 30;

interface Row {
  id: string;
  credential: string;
  environment: string;
  phase: string;
  direction: 'forward' | 'back';
  hold: string | null;
  /** What is paused, so that it waits; null where it goes on all the same. */
  paused: 'everything' | 'issuer' | 'credential' | null;
  overlap_ends_at: Date | null;
}

interface Counts {
  open: number;
  held: number;
  /** Those that are not held and wait for the end of a pause. */
  paused: number;
  workers: number;
  worker_seen_at: Date | null;
}

/** The open rotations, those that wait for a person first, and whether a worker is alive to carry them on. */
export const listRunning = read(
  {
    name: 'list-running',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({}),
  },
  async ({ actor, db }) => {
    const scope = scopeValues(actor);
    const { rows } = await db.pool.query<Row>(
      `select r.id, c.name as credential, c.environment, r.phase, r.direction, r.hold,
              case when not goes_on_in_pause(r) then is_paused(c.id) end as paused, r.overlap_ends_at
         from rotations r join credentials c on c.id = r.credential_id
        where r.outcome is null and ${credentialInScope}
        order by r.hold is null, r.created_at desc limit $3`,
      [...scope, SHOWN],
    );
    const { rows: counted } = await db.pool.query<Counts>(
      `with open as (
         select r.hold, r.hold is null and is_paused(c.id) is not null and not goes_on_in_pause(r) as paused
           from rotations r join credentials c on c.id = r.credential_id
          where r.outcome is null and ${credentialInScope}
       )
       select (select count(*)::int from open) as open,
              (select count(*)::int from open where hold is not null) as held,
              (select count(*)::int from open where paused) as paused,
              (select count(*)::int from workers where seen_at > rekey_now() - interval '15 seconds') as workers,
              (select max(seen_at) from workers) as worker_seen_at`,
      scope,
    );
    const { open = 0, held = 0, paused = 0, workers = 0, worker_seen_at = null } = counted[0] ?? {};
    return {
      open,
      held,
      paused,
      workers,
      workerSeenAt: worker_seen_at?.toISOString() ?? null,
      /** Another one as soon as a page that shows what waits for a person is out of date. */
      mark: await attentionMark(db, actor),
      items: rows.map(({ overlap_ends_at, hold, ...row }) => ({
        ...row,
        hold: hold === null ? null : holdSentence(hold),
        overlapEndsAt: overlap_ends_at?.toISOString() ?? null,
      })),
    };
  },
);

export type Running = Awaited<ReturnType<typeof listRunning>>;
