import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';

const WEEKS = 12;

const input = z.object({ environment: z.string().max(200).optional() });

interface WeekRow {
  week: Date;
  ended: number;
  completed: number;
  seconds: number | null;
}

interface AgeRow {
  days: number;
  credentials: number;
}

/** Where one group of ages begins, in days; the last has no end. */
const AGES = [0, 30, 60, 90, 180, 365];

const IN_SCOPE = `c.archived_at is null and ${credentialInScope} and ($3::text is null or c.environment = $3)`;

/**
 * The last twelve weeks: how many rotations ended, how many of them completed, and the median time until the new version
 * was current; and how old the secrets are. A rotation that a person cancelled before it began is not counted: it says
 * nothing about how well rotations go.
 */
export const readTrends = read(
  {
    name: 'read-trends',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { environment }) => {
    const scope = [...scopeValues(actor), environment ?? null];
    const { rows: weeks } = await db.pool.query<WeekRow>(
      `with weeks as (
         select date_trunc('week', rekey_now() at time zone 'UTC') at time zone 'UTC' - n * interval '7 days' as week
           from generate_series(0, $4::int - 1) n
       ), ended as (
         select r.ended_at, r.outcome = 'completed' as completed,
                extract(epoch from coalesce(v.promoted_at, r.ended_at) - r.created_at)::float8 as seconds
           from rotations r join credentials c on c.id = r.credential_id
           left join secret_versions v on v.id = r.to_version
          where r.outcome is not null and (r.outcome <> 'cancelled' or r.to_version is not null) and ${IN_SCOPE}
            and r.ended_at >= (select min(week) from weeks)
       )
       select w.week, count(e.ended_at)::int as ended, count(*) filter (where e.completed)::int as completed,
              percentile_cont(0.5) within group (order by e.seconds) filter (where e.completed) as seconds
         from weeks w left join ended e on e.ended_at >= w.week and e.ended_at < w.week + interval '7 days'
        group by w.week order by w.week`,
      [...scope, WEEKS],
    );
    const { rows: ages } = await db.pool.query<AgeRow>(
      `select days, count(v.id)::int as credentials
         from unnest($4::int[], $5::int[]) as g(days, until)
         left join (secret_versions v join credentials c on c.id = v.credential_id and v.state = 'current' and ${IN_SCOPE})
           on coalesce(v.promoted_at, v.created_at) <= rekey_now() - make_interval(days => days)
          and coalesce(v.promoted_at, v.created_at) > rekey_now() - make_interval(days => until)
        group by days order by days`,
      // A secret that is promoted this very instant is in the first group, too.
      [...scope, AGES, [...AGES.slice(1), 100_000]],
    );
    return {
      weeks: weeks.map(({ week, ...row }) => ({ ...row, week: week.toISOString() })),
      ages: ages.map(({ days, credentials }, n) => ({ from: days, to: AGES[n + 1] ?? null, credentials })),
    };
  },
);

export type Trends = Awaited<ReturnType<typeof readTrends>>;
