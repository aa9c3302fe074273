import type { Level } from '#core/outside/levels.ts';
import type { ConfiguredRow } from '#core/outside/open-config.ts';
import { promisesNoGap, type Strategy } from '#core/rotation/strategies.ts';
import type { Connection } from '#lib/db.ts';

/* What is read of a credential before a rotation of it is planned. */

/** What the plan of one rotation is made from. */
export interface PlannedRow {
  id: string;
  name: string;
  place: unknown;
  sealed: string | null;
  environment: string;
  issuer: ConfiguredRow;
  current: number | null;
  policy: {
    approvals: number;
    grace: number;
    afterUse: number | null;
    windowed: boolean;
    needs: Level | null;
    attempts: number;
    seconds: number;
    notifiers: string[] | null;
  } | null;
  bindings: {
    id: string;
    place: unknown;
    sealed: string | null;
    fields: Record<string, string>;
    required: boolean;
    canary: boolean;
    needs: Level;
    readsNext: boolean;
    reports: boolean;
    target: ConfiguredRow;
  }[];
}

const CONFIGURED = (row: string) =>
  `jsonb_build_object('id', ${row}.id, 'name', ${row}.name, 'kind', ${row}.kind, 'config', ${row}.config, 'sealed', ${row}.sealed)`;

// One question, because it stands between the click and its answer.
const PLANNED = `
  select c.id, c.name, c.place, c.sealed, c.environment, ${CONFIGURED('i')} as issuer,
         (select n from secret_versions v where v.credential_id = c.id and v.state = 'current') as current,
         (select jsonb_build_object(
                   'approvals', p.approvals, 'grace', p.grace_seconds, 'afterUse', p.grace_after_use_seconds, 'windowed', p.window is not null, 'needs', p.needs, 'attempts', p.retry_attempts, 'seconds', p.retry_seconds,
                   'notifiers', (select jsonb_agg(n.name order by n.name) from notifiers n where n.id = any(p.notifier_ids)))
            from policy_assignments a join policies p on p.id = a.policy_id
           where a.credential_id = c.id and p.archived_at is null) as policy,
         (select coalesce(jsonb_agg(
                   jsonb_build_object('id', b.id, 'place', b.place, 'sealed', b.sealed, 'fields', b.fields,
                                      'required', b.required, 'canary', b.canary,
                                      'needs', b.needs, 'readsNext', b.reads_next, 'reports', b.consumer_url is not null,
                                      'target', ${CONFIGURED('t')})
                   order by b.canary desc, b.created_at, b.id), '[]')
            from bindings b join targets t on t.id = b.target_id
           where b.credential_id = c.id and b.archived_at is null) as bindings
    from credentials c join issuers i on i.id = c.issuer_id
   where c.id = any($1::uuid[]) and c.archived_at is null`;

/** The credentials that are planned for, by their ids; what is archived or not there is missing. */
export async function loadPlanned(on: Connection, ids: readonly string[]): Promise<Map<string, PlannedRow>> {
  const { rows } = await on.query<PlannedRow>({ name: 'load_planned', text: PLANNED, values: [ids] });
  return new Map(rows.map((row) => [row.id, row]));
}

// The median of the last five measured gaps of each; no row where there is none yet.
const MEASURED = `
  select w.credential_id, percentile_cont(0.5) within group (order by last.seconds) as seconds
    from unnest($1::uuid[], $2::text[]) as w(credential_id, strategy)
   cross join lateral (
     select greatest(0, extract(epoch from gap_ended_at - gap_started_at))::float8 as seconds from rotations r
      where r.credential_id = w.credential_id and r.strategy = w.strategy and outcome = 'completed'
        and gap_ended_at is not null
      order by created_at desc limit 5) last
   group by w.credential_id`;

/** What earlier rotations of the same strategy measured, where it has a gap at all. */
export async function measuredGaps(
  on: Connection,
  drafts: readonly { row: PlannedRow; strategy: Strategy }[],
): Promise<Map<string, number>> {
  const asked = drafts.filter(({ strategy }) => !promisesNoGap[strategy]);
  if (asked.length === 0) {
    return new Map();
  }
  const { rows } = await on.query<{ credential_id: string; seconds: number }>(MEASURED, [
    asked.map(({ row }) => row.id),
    asked.map(({ strategy }) => strategy),
  ]);
  return new Map(rows.map(({ credential_id: id, seconds }) => [id, seconds]));
}

// From the first step to the last required confirmation: the median of the last five of each.
const DELIVERED = `
  select w.id as credential_id, percentile_cont(0.5) within group (order by last.seconds) as seconds
    from unnest($1::uuid[]) as w(id)
   cross join lateral (
     select greatest(0, extract(epoch from coalesce(r.gap_ended_at, v.promoted_at) - s.began))::float8 as seconds
       from rotations r
       join secret_versions v on v.id = r.to_version and v.promoted_at is not null
      cross join lateral (select min(intent_at) as began from rotation_steps where rotation_id = r.id) s
      where r.credential_id = w.id and r.outcome = 'completed'
      order by r.created_at desc limit 5) last
   group by w.id`;

/** How long earlier rotations took to deliver, where the time for it is limited. */
export async function measuredDeliveries(
  on: Connection,
  drafts: readonly { row: PlannedRow; strategy: Strategy }[],
): Promise<Map<string, number>> {
  const asked = drafts.filter(({ row, strategy }) => strategy === 'graced' || row.policy?.windowed === true);
  if (asked.length === 0) {
    return new Map();
  }
  const { rows } = await on.query<{ credential_id: string; seconds: number }>(DELIVERED, [
    asked.map(({ row }) => row.id),
  ]);
  return new Map(rows.map(({ credential_id: id, seconds }) => [id, seconds]));
}
