import type { AuditEvent } from '#core/audit/events.ts';
import { completeEvent } from '#core/audit/origin.ts';
import type { StoredRotation } from '#core/rotation/load-rotation.ts';
import { type Db, db } from '#lib/db.ts';

/** How long a worker may hold a rotation without a commit. Every outside call is shorter than a third of it. */
export const LEASE_SECONDS = 30;

/** How long a worker may go by an answer of the database that it holds the rotation, counted from when it asked. */
export const TRUST_MS = 250;

type Columns = Readonly<Record<string, string | number | Date | null | undefined>>;

/** What is stored of the issuer. `event` is recorded only if `health` changes to or from `unhealthy` by it. */
interface IssuerPatch {
  failures: number;
  health?: 'healthy' | 'unhealthy';
  probe_at?: Date | null;
  event?: AuditEvent;
}

/** Rows and columns to store, by their names in the database; what is left out keeps its value. */
export interface Patch {
  rotation?: Columns;
  steps?: readonly Columns[];
  /** Stored in this order, so that `current` is free before another version takes it. */
  versions?: readonly Columns[];
  deliveries?: readonly Columns[];
  credential?: { sealed: string };
  issuer?: IssuerPatch;
}

export interface Commit {
  patch: Patch;
  events: readonly AuditEvent[];
}

type Rows = readonly Columns[];

/** Rows with the same name become one: the later values win, and it stands where it was named last. */
function merge(before: Rows | undefined, after: Rows | undefined, nameOf: (row: Columns) => unknown) {
  if (before === undefined || after === undefined) {
    return before ?? after;
  }
  const merged = new Map<unknown, Columns>();
  for (const row of [...before, ...after]) {
    const name = nameOf(row);
    const known = merged.get(name);
    merged.delete(name);
    merged.set(name, known === undefined ? row : { ...known, ...row });
  }
  return [...merged.values()];
}

const nameOfDelivery = (row: Columns) => `${row.version_id} ${row.binding_id} ${row.slot}`;

function joinTwo(one: Commit, other: Commit): Commit {
  const { patch: a } = one;
  const { patch: b } = other;
  const steps = merge(a.steps, b.steps, (row) => row.seq);
  const versions = merge(a.versions, b.versions, (row) => row.id);
  const deliveries = merge(a.deliveries, b.deliveries, nameOfDelivery);
  const patch: Patch = { rotation: { ...a.rotation, ...b.rotation } };
  if (steps !== undefined) patch.steps = steps;
  if (versions !== undefined) patch.versions = versions;
  if (deliveries !== undefined) patch.deliveries = deliveries;
  const credential = b.credential ?? a.credential;
  if (credential !== undefined) patch.credential = credential;
  const issuer = b.issuer ?? a.issuer;
  if (issuer !== undefined) patch.issuer = issuer;
  return { patch, events: [...one.events, ...other.events] };
}

/** Joins commits into one, in their order. A row that is named more than once within one commit is the caller's mistake. */
export const join = (...commits: readonly Commit[]): Commit => commits.reduce(joinTwo);

/** The caller no longer holds the rotation: another worker took it over, or a person acted on it. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost';
}

export interface Claim {
  rotationId: string;
  fence: string;
}

/** When a commit was stored, and the hold that the rotation has since. */
export interface Stored {
  at: Date;
  hold: string | null;
}

/** Patch and events as the function takes them, every event complete. */
function told({ patch, events }: Commit): [string, string] {
  const { issuer } = patch;
  const whole =
    issuer?.event === undefined
      ? patch
      : { ...patch, issuer: { ...issuer, event: completeEvent(issuer.event) } };
  return [JSON.stringify(whole), JSON.stringify(events.map(completeEvent))];
}

/** Stores a commit and its events together, if the caller still holds the rotation in this phase. Throws `FenceLost`. */
export async function commitStep(claim: Claim, phase: string, commit: Commit): Promise<Stored> {
  const { rows } = await db().pool.query<Stored>({
    name: 'commit_step',
    text: 'select stored_at as at, stored_hold as hold from commit_step($1, $2, $3, $4, $5, $6)',
    values: [claim.rotationId, claim.fence, phase, LEASE_SECONDS, ...told(commit)],
  });
  const [stored] = rows;
  if (stored === undefined) {
    throw new FenceLost(`Rotation ${claim.rotationId} is no longer held.`);
  }
  return stored;
}

/** The same as a part of a transaction, with what else is stored in it. Throws `FenceLost`, and then nothing may be stored. */
export async function commitStepWith(tx: Db, claim: Claim, phase: string, commit: Commit) {
  const [patch, events] = told(commit);
  const stored = await tx.$queryRaw<unknown[]>`
    select 1 from commit_step(${claim.rotationId}::uuid, ${claim.fence}::bigint, ${phase}, ${LEASE_SECONDS}::integer,
                              ${patch}::jsonb, ${events}::jsonb)`;
  if (stored.length === 0) {
    throw new FenceLost(`Rotation ${claim.rotationId} is no longer held.`);
  }
}

/** Whether the caller still holds the rotation, so that a worker that was frozen does nothing after it was replaced. */
export async function requireFence({ rotationId, fence }: Claim): Promise<void> {
  const { rowCount } = await db().pool.query({
    name: 'require_fence',
    // By its id alone, as in commit_step.
    text: `select 1 from rotations
            where id = $1 and fence = $2 and lease_until > rekey_now() and coalesce(outcome, '') = ''`,
    values: [rotationId, fence],
  });
  if (rowCount !== 1) {
    throw new FenceLost(`Rotation ${rotationId} is no longer held.`);
  }
}

/** A rotation taken by a worker, as it stands since. */
export interface Taken extends Claim {
  stored: StoredRotation;
}

/** Takes a rotation that is due. Null: there is nothing to do, or another worker does it. */
export async function claim(rotationId: string): Promise<Taken | null> {
  const { rows } = await db().pool.query<{ fence: string; loaded: StoredRotation }>({
    name: 'claim_rotation',
    text: 'select fence, loaded from claim_rotation($1, $2)',
    values: [rotationId, LEASE_SECONDS],
  });
  const [row] = rows;
  return row === undefined ? null : { rotationId, fence: row.fence, stored: row.loaded };
}

/** A rotation taken for a person's action, and whether a worker was in the middle of something. */
export interface Seized extends Claim {
  wasBusy: boolean;
}

/**
 * Takes an open rotation for a person's action, whoever holds it: the worker's step under way is fenced off and done
 * again afterwards. Null when the rotation has ended or has left `phase`.
 */
export async function seize(rotationId: string, phase: string): Promise<Seized | null> {
  const { rows } = await db().pool.query<{ fence: string; busy: boolean }>(
    `update rotations r set fence = r.fence + 1, lease_until = rekey_now() + make_interval(secs => $2)
       from (select id, lease_until from rotations where id = $1 for update) before
      where r.id = before.id and r.phase = $3 and r.outcome is null
      returning r.fence, coalesce(before.lease_until > rekey_now(), false) as busy`,
    [rotationId, LEASE_SECONDS, phase],
  );
  return rows[0] === undefined ? null : { rotationId, fence: rows[0].fence, wasBusy: rows[0].busy };
}
