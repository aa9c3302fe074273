import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';

/** What a list can be asked for. Open rotations are running or held, and never both. */
const states = {
  running: 'r.outcome is null and r.hold is null',
  held: 'r.outcome is null and r.hold is not null',
  completed: `r.outcome = 'completed'`,
  rolled_back: `r.outcome = 'rolled_back'`,
  ended: 'r.outcome is not null',
} as const;

const input = z.object({
  credentialId: z.uuid().optional(),
  /** These and no others, as far as the actor sees them. */
  ids: z.array(z.uuid()).max(1000).optional(),
  open: z.boolean().optional(),
  state: z.enum(['running', 'held', 'completed', 'rolled_back', 'ended']).optional(),
  environment: z.string().max(200).optional(),
  /** Part of a credential's name. */
  q: z.string().trim().max(200).optional(),
  /** The id of the last rotation of the page before. Ids grow with time. */
  after: z.uuid().optional(),
  limit: z.int().min(1).max(1000).optional(),
});

interface Row {
  id: string;
  credential_id: string;
  credential: string;
  environment: string;
  strategy: string;
  phase: string;
  direction: string;
  hold: string | null;
  hold_detail: string | null;
  paused: 'everything' | 'issuer' | 'credential' | null;
  outcome: string | null;
  priority: string;
  requested_by: string | null;
  reason: string | null;
  from_version: number | null;
  to_version: number | null;
  overlap_ends_at: Date | null;
  created_at: Date;
  ended_at: Date | null;
}

const instant = (date: Date | null) => date?.toISOString() ?? null;

function shown(row: Row) {
  return {
    id: row.id,
    credentialId: row.credential_id,
    credential: row.credential,
    environment: row.environment,
    strategy: row.strategy,
    phase: row.phase,
    direction: row.direction,
    hold: row.hold,
    holdDetail: row.hold_detail,
    /** What is paused, so that this waits; null where it goes on all the same. */
    paused: row.paused,
    outcome: row.outcome,
    priority: row.priority,
    requestedBy: row.requested_by,
    reason: row.reason,
    fromVersion: row.from_version,
    toVersion: row.to_version,
    overlapEndsAt: instant(row.overlap_ends_at),
    createdAt: row.created_at.toISOString(),
    endedAt: instant(row.ended_at),
  };
}

/** Rotations, the newest first: those of a credential, those in a state, or all. */
export const listRotations = read(
  {
    name: 'list-rotations',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { credentialId, ids, open, state, environment, q, after, limit }) => {
    const { rows } = await db.pool.query<Row>(
      `select r.id, c.id as credential_id, c.name as credential, c.environment, r.strategy, r.phase, r.direction, r.hold,
              r.hold_detail, case when r.outcome is null and not goes_on_in_pause(r) then is_paused(c.id) end as paused,
              r.outcome, r.priority, r.requested_by ->> 'name' as requested_by, r.reason,
              f.n as from_version, t.n as to_version, r.overlap_ends_at, r.created_at, r.ended_at
         from rotations r
         join credentials c on c.id = r.credential_id
         left join secret_versions f on f.id = r.from_version
         left join secret_versions t on t.id = r.to_version
        where ${credentialInScope} and ${state === undefined ? 'true' : states[state]}
          and ($3::text is null or c.environment = $3)
          and ($4::text is null or position(lower($4) in lower(c.name)) > 0)
          and ($5::uuid is null or r.id < $5)
          and ($6::uuid is null or r.credential_id = $6)
          and ($7::boolean is null or (r.outcome is null) = $7)
          and ($9::uuid[] is null or r.id = any($9))
        order by r.id desc limit $8`,
      [
        ...scopeValues(actor),
        environment ?? null,
        q ?? null,
        after ?? null,
        credentialId ?? null,
        open ?? null,
        limit ?? null,
        ids ?? null,
      ],
    );
    return rows.map(shown);
  },
);

export type RotationRow = Awaited<ReturnType<typeof listRotations>>[number];
