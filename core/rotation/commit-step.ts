import type { AuditEvent } from '#core/audit/events.ts';
import { auditEventSchema } from '#core/audit/events.ts';
import { db } from '#lib/db.ts';

/** How long a worker may hold a rotation without a commit. Every outside call is shorter than a third of it. */
export const LEASE_SECONDS = 30;

type Columns = Readonly<Record<string, string | number | Date | null | undefined>>;

/** Rows and columns to store, by their names in the database; what is left out keeps its value. */
export interface Patch {
  rotation?: Columns;
  steps?: readonly Columns[];
  /** Stored in this order, so that `current` is free before another version takes it. */
  versions?: readonly Columns[];
  deliveries?: readonly Columns[];
  credential?: { sealed: string };
}

export interface Commit {
  patch: Patch;
  events: readonly AuditEvent[];
}

/** Joins commits into one. Later values win; rows are added. */
export function join(...commits: readonly Commit[]): Commit {
  const credential = commits.findLast(({ patch }) => patch.credential !== undefined)?.patch.credential;
  return {
    patch: {
      rotation: Object.assign({}, ...commits.map(({ patch }) => patch.rotation)),
      steps: commits.flatMap(({ patch }) => patch.steps ?? []),
      versions: commits.flatMap(({ patch }) => patch.versions ?? []),
      deliveries: commits.flatMap(({ patch }) => patch.deliveries ?? []),
      ...(credential === undefined ? {} : { credential }),
    },
    events: commits.flatMap(({ events }) => events),
  };
}

/** The caller no longer holds the rotation: another worker took it over, or a person acted on it. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost';
}

export interface Claim {
  rotationId: string;
  fence: string;
}

/** Stores a commit and its events together, if the caller still holds the rotation in this phase. Throws `FenceLost`. */
export async function commitStep(claim: Claim, phase: string, { patch, events }: Commit): Promise<void> {
  const parsed = events.map((event) => auditEventSchema.parse(event));
  const { rows } = await db().pool.query<{ stored: boolean }>(
    'select commit_step($1, $2, $3, $4, $5, $6) as stored',
    [claim.rotationId, claim.fence, phase, LEASE_SECONDS, JSON.stringify(patch), JSON.stringify(parsed)],
  );
  if (rows[0]?.stored !== true) {
    throw new FenceLost(`Rotation ${claim.rotationId} is no longer held.`);
  }
}

/** Asked right before every outside effect, so that a worker that was frozen does nothing after it was replaced. */
export async function requireFence({ rotationId, fence }: Claim): Promise<void> {
  const { rowCount } = await db().pool.query(
    'select 1 from rotations where id = $1 and fence = $2 and lease_until > rekey_now() and outcome is null',
    [rotationId, fence],
  );
  if (rowCount !== 1) {
    throw new FenceLost(`Rotation ${rotationId} is no longer held.`);
  }
}

/** Takes a rotation that is due. Null: there is nothing to do, or another worker does it. */
export async function claim(rotationId: string): Promise<Claim | null> {
  const { rows } = await db().pool.query<{ fence: string }>('select fence from claim_rotation($1, $2)', [
    rotationId,
    LEASE_SECONDS,
  ]);
  return rows[0] === undefined ? null : { rotationId, fence: rows[0].fence };
}

/**
 * Takes an open rotation for a person's action, whoever holds it: the worker's step under way is fenced off and done
 * again afterwards. Null when the rotation has ended or has left `phase`.
 */
export async function seize(rotationId: string, phase: string): Promise<Claim | null> {
  const { rows } = await db().pool.query<{ fence: string }>(
    `update rotations set fence = fence + 1, lease_until = rekey_now() + make_interval(secs => $2)
      where id = $1 and phase = $3 and outcome is null returning fence`,
    [rotationId, LEASE_SECONDS, phase],
  );
  return rows[0] === undefined ? null : { rotationId, fence: rows[0].fence };
}
