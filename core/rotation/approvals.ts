import type { Actor } from '#core/access/actor.ts';
import { type Requester, requester } from '#core/rotation/requester.ts';
import { whoElse } from '#core/rotation/second-person.ts';
import { type WhoAsked, whoAsked } from '#core/rotation/who-asked.ts';
import type { Database, Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

interface Row {
  id: string;
  credential_id: string;
  credential: string;
  requested_by: unknown;
  chosen_by: unknown;
  created_at: Date;
  plan_digest: string;
  grace_seconds: number;
  grace_after_use_seconds: number | null;
  priority: string;
  approvals_needed: number;
  given: string[] | null;
  is_over: boolean;
}

/** A rotation that waits for approvals. */
export interface Pending {
  id: string;
  credentialId: string;
  credential: string;
  requestedBy: Requester;
  askedBy: WhoAsked;
  digest: string;
  graceSeconds: number;
  graceAfterUseSeconds: number | null;
  isScheduled: boolean;
  needed: number;
  /** The ids of those who have approved it. */
  given: readonly string[];
  /** Nobody decided in time; it is about to be cancelled. */
  isOver: boolean;
}

/** Who counts as having asked for a rotation. */
const askersOf = (
  on: Db,
  { requestedBy, chosenBy, createdAt }: Pick<Asked, 'requestedBy' | 'chosenBy' | 'createdAt'>,
) => whoAsked(on, [requester.parse(requestedBy), requester.nullable().parse(chosenBy)], createdAt);

/** Reads a rotation that waits for approvals. Throws a `Problem` where it does not wait, or does not exist. */
export async function readPending(tx: Db, rotationId: string): Promise<Pending> {
  const [row] = await tx.$queryRaw<(Row & { hold: string | null; outcome: string | null })[]>`
    select r.id, r.credential_id, c.name as credential, r.requested_by, r.chosen_by, r.created_at, r.plan_digest, r.grace_seconds, r.grace_after_use_seconds, r.hold, r.outcome,
           r.priority, r.approvals_needed, coalesce(r.deadline <= rekey_now(), false) as is_over,
           (select array_agg(a.user_id::text) from approvals a where a.rotation_id = r.id) as given
      from rotations r join credentials c on c.id = r.credential_id
     where r.id = ${rotationId}::uuid`;
  if (row === undefined) {
    throw notFound('rotation');
  }
  if (row.outcome !== null || row.hold !== 'approval_pending') {
    throw new Problem(409, 'not_now', 'This rotation does not wait for an approval. Nothing was changed.');
  }
  return {
    id: row.id,
    credentialId: row.credential_id,
    credential: row.credential,
    requestedBy: requester.parse(row.requested_by),
    askedBy: await askersOf(tx, {
      requestedBy: row.requested_by,
      chosenBy: row.chosen_by,
      createdAt: row.created_at,
    }),
    digest: row.plan_digest,
    graceSeconds: row.grace_seconds,
    graceAfterUseSeconds: row.grace_after_use_seconds,
    isScheduled: row.priority === 'scheduled',
    needed: row.approvals_needed,
    given: row.given ?? [],
    isOver: row.is_over,
  };
}

/** Locks a rotation that waits for approvals; see `readPending`. */
export async function lockPending(tx: Db, rotationId: string): Promise<Pending> {
  // A statement of its own: what follows sees what was stored by whoever the lock had to wait for.
  await tx.$queryRaw`select 1 from rotations where id = ${rotationId}::uuid for update`;
  return readPending(tx, rotationId);
}

/** Why this person may not decide, so neither approve nor reject; null when they may. */
export function decideRefusal({ askedBy }: Pick<Pending, 'askedBy'>, actor: Actor): string | null {
  if (actor.kind !== 'user') {
    return 'Only a person can approve.';
  }
  if (askedBy.themselves.includes(actor.id)) {
    return 'You asked for this rotation yourself: somebody else has to approve it.';
  }
  return askedBy.all.includes(actor.id)
    ? 'An API client asked for this rotation that you made or whose secret you had: somebody else has to approve it.'
    : null;
}

/** Why this person may not approve; null when they may. Who has approved may still reject. */
export function approveRefusal(pending: Pick<Pending, 'askedBy' | 'given'>, actor: Actor): string | null {
  const refusal = decideRefusal(pending, actor);
  if (refusal !== null) {
    return refusal;
  }
  return pending.given.some((id) => id === actor.id)
    ? 'You have approved it already; it waits for somebody else.'
    : null;
}

interface Asked {
  credentialId: string;
  requestedBy: unknown;
  chosenBy: unknown;
  createdAt: Date;
  approvalsNeeded: number;
  deadline: Date | null;
  approvals: readonly { userId: string; name: string; at: Date }[];
}

/** How far the approvals of a rotation have come, and who can give those that are missing. */
export async function standOfApprovals(database: Database, actor: Actor, asked: Asked) {
  const askedBy = await askersOf(database.prisma, asked);
  const given = asked.approvals.map(({ userId }) => userId);
  return {
    needed: asked.approvalsNeeded,
    given: asked.approvals.map(({ name, at }) => ({ name, at: at.toISOString() })),
    until: asked.deadline?.toISOString() ?? null,
    /** Why the reader may not approve; null when they may. */
    refusal: approveRefusal({ askedBy, given }, actor),
    /** Whether the reader may reject, where they have the role for it. */
    mayReject: decideRefusal({ askedBy }, actor) === null,
    /** The names of those who could, by their role and their limits, and have not yet. */
    approvers: await whoElse(database.prisma, asked.credentialId, [...askedBy.all, ...given]),
  };
}
