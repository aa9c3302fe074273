import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { holds } from '#core/rotation/holds.ts';
import { env } from '#lib/env.ts';

/** One figure, and what it is of. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

interface Row {
  workers: number;
  running: number;
  held: Record<string, number>;
  completed: number;
  rolled_back: number;
  cancelled: number;
  superseded: number;
  abandoned: number;
  due_seconds: number;
  overlaps_late: number;
  issuers_unhealthy: number;
  expiring: number;
  notices_failing: number;
  unsealed: number;
  unsealed_seconds: number;
  unstreamed: number;
  unstreamed_seconds: number;
}

// Each part is found by an index, or among what is open, so that asking every few seconds costs next to nothing.
const FIGURES = `
  with open_rotations as (
    select credential_id, hold, direction, overlap_ends_at from rotations where outcome is null
  ), ended as (
    select outcome, count(*)::int as n from rotations
     where outcome is not null and created_at > rekey_now() - interval '2 days'
       and ended_at > rekey_now() - interval '1 hour' group by 1
  ), unsealed as (
    select count(*)::int as n, min(e.at) as oldest from audit_events e
     where e.id > coalesce((select settled from audit_batches order by n desc limit 1), 0)
       and not exists (select 1 from audit_leaves l where l.event_id = e.id)
  ), unstreamed as (
    -- Of each collector that is named: places that it was not sent, and when the first of these was sealed.
    select (select coalesce(max(last_seq), 0) from audit_batches) - stands.seq as n,
           (select at from audit_batches where last_seq > stands.seq order by last_seq limit 1) as oldest
      from unnest($1::text[]) name
      cross join lateral (
        select greatest((select coalesce(max(last_seq), 0) from audit_detachments),
                        coalesce((select seq from audit_streams where collector = name), 0)) as seq) stands
  )
  select (select count(*)::int from workers where seen_at > rekey_now() - interval '15 seconds') as workers,
         (select count(*)::int from open_rotations where hold is null) as running,
         (select coalesce(jsonb_object_agg(hold, n), '{}')
            from (select hold, count(*)::int as n from open_rotations where hold is not null group by 1) h) as held,
         (select coalesce(sum(n), 0)::int from ended where outcome = 'completed') as completed,
         (select coalesce(sum(n), 0)::int from ended where outcome = 'rolled_back') as rolled_back,
         (select coalesce(sum(n), 0)::int from ended where outcome = 'cancelled') as cancelled,
         (select coalesce(sum(n), 0)::int from ended where outcome = 'superseded') as superseded,
         (select coalesce(sum(n), 0)::int from ended where outcome = 'abandoned') as abandoned,
         (select coalesce(greatest(0, extract(epoch from rekey_now() - min(a.due_at))), 0)::float8
            from policy_assignments a join policies p on p.id = a.policy_id
           where a.due_at <= rekey_now() and p.enabled and p.archived_at is null) as due_seconds,
         (select count(*)::int from open_rotations
           where direction = 'forward' and overlap_ends_at < rekey_now() - interval '15 minutes') as overlaps_late,
         (select count(*)::int from issuers where health = 'unhealthy' and archived_at is null) as issuers_unhealthy,
         (select count(*)::int from secret_versions v join credentials c on c.id = v.credential_id and c.archived_at is null
           where v.state = 'current'
             and (v.expires_at < rekey_now() + interval '14 days' and v.expires_at is not null
                  or v.ends_at < rekey_now() + interval '14 days' and v.ends_at is not null
                     and not exists (select from open_rotations r where r.credential_id = c.id and r.direction = 'forward'))) as expiring,
         (select count(*)::int from notifiers where error is not null) as notices_failing,
         (select coalesce(max(n), 0)::int from unstreamed) as unstreamed,
         (select coalesce(max(greatest(0, extract(epoch from rekey_now() - oldest))), 0)::float8
            from unstreamed) as unstreamed_seconds,
         (select n from unsealed) as unsealed,
         (select coalesce(greatest(0, extract(epoch from rekey_now() - oldest)), 0)::float8 from unsealed) as unsealed_seconds`;

const one = (name: string, help: string, value: number): Metric => ({ name, help, values: [{ value }] });

function told(row: Row): Metric[] {
  const outcomes = ['completed', 'rolled_back', 'cancelled', 'superseded', 'abandoned'] as const;
  return [
    one('rekey_workers', 'Worker processes that were seen in the last 15 seconds.', row.workers),
    one('rekey_rotations_running', 'Open rotations that are not held.', row.running),
    {
      name: 'rekey_rotations_held',
      help: 'Open rotations that wait, by reason.',
      values: Object.keys(holds).map((hold) => ({ labels: { hold }, value: row.held[hold] ?? 0 })),
    },
    {
      name: 'rekey_rotations_ended_last_hour',
      help: 'Rotations of the last two days that ended in the last hour, by outcome.',
      values: outcomes.map((outcome) => ({ labels: { outcome }, value: row[outcome] })),
    },
    one('rekey_slot_oldest_due_seconds', 'For how long the oldest slot has been due.', row.due_seconds),
    one('rekey_overlaps_past_end', 'Overlaps that were to end over 15 minutes ago.', row.overlaps_late),
    one('rekey_issuers_unhealthy', 'Issuers that do not answer as they should.', row.issuers_unhealthy),
    one(
      'rekey_secrets_expiring',
      'Current versions that expire, or that their issuer ends, within 14 days.',
      row.expiring,
    ),
    one('rekey_notifiers_failing', 'Notifiers whose last message was not sent.', row.notices_failing),
    one(
      'rekey_audit_unstreamed_events',
      'Sealed events that the collector that has the fewest was not sent yet.',
      row.unstreamed,
    ),
    one(
      'rekey_audit_stream_lag_seconds',
      'For how long the oldest of these has been sealed.',
      row.unstreamed_seconds,
    ),
    one('rekey_audit_unsealed_events', 'Audit events that are not sealed yet.', row.unsealed),
    one(
      'rekey_audit_seal_lag_seconds',
      'Age of the oldest event that is not sealed yet.',
      row.unsealed_seconds,
    ),
  ];
}

/** How Rekey is, in figures for a monitoring system. No name of anything is among them. */
export const readMetrics = read(
  { name: 'read-metrics', may: [], scope: 'everything', input: z.object({}) },
  async ({ db }) => {
    const { rows } = await db.pool.query<Row>(FIGURES, [env().REKEY_AUDIT_STREAM.map(({ name }) => name)]);
    const [row] = rows;
    if (row === undefined) {
      throw new Error('The database answered no figures.');
    }
    return told(row);
  },
);
