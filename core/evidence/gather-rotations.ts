import { z } from 'zod';
import { detachedOf, listDetachments } from '#core/evidence/detachments.ts';
import type { Detached } from '#core/evidence/verification.ts';
import type { Database } from '#lib/db.ts';

/** What a bundle is about: one rotation, or a credential and a time. */
export interface Subject {
  readonly credentialId: string;
  readonly rotationId: string | null;
  readonly from: Date | null;
  readonly until: Date | null;
}

/** An event that an auditor wants to have explained. */
export interface Exception {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly what: string;
}

export interface RotationEvidence {
  readonly id: string;
  readonly strategy: string;
  readonly priority: string;
  readonly requestedBy: string;
  readonly reason: string | null;
  readonly requestedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string | null;
  readonly hold: string | null;
  readonly graceSeconds: number;
  readonly predictedGapSeconds: number;
  readonly measuredGapSeconds: number | null;
  readonly approvalsNeeded: number;
  readonly approvals: readonly { name: string; at: string }[];
  /** What is left of them: those of its events that were detached are not among them. */
  readonly exceptions: readonly Exception[];
  /** The archives that events of it may be in. */
  readonly detached: readonly Detached[];
  readonly fromVersion: number | null;
  readonly toVersion: number | null;
}

/** Every version of the credential, by its fingerprint: the value is in no evidence. */
export interface VersionEvidence {
  readonly n: number;
  readonly state: string;
  readonly fingerprint: string;
  readonly createdAt: string;
  readonly promotedAt: string | null;
  readonly revokedAt: string | null;
  readonly provenDeadAt: string | null;
}

export interface Evidence {
  readonly credential: string;
  readonly issuer: string;
  readonly rotations: readonly RotationEvidence[];
  readonly versions: readonly VersionEvidence[];
  readonly skips: readonly { slot: string; reason: string }[];
  /** The archives that events of this time may be in. */
  readonly detached: readonly Detached[];
}

const named = z.object({ name: z.string() });
const iso = (at: Date | null) => at?.toISOString() ?? null;

/** Failures, holds, and whatever a person took upon themselves. */
const EXCEPTIONS = `
  select at, actor_name as actor, action, rotation_id,
         coalesce(body::jsonb->>'error', body::jsonb->>'detail', body::jsonb->>'hold', body::jsonb->>'conclusion',
                  'Asked for by ' || (body::jsonb->>'requestedBy') || '.',
                  case when (body::jsonb->>'breakGlass') = 'true'
                       then 'The glass was broken' || case when (body::jsonb->>'alone') = 'true' then ', alone.' else '.' end end, '') ||
         coalesce(' Reason: ' || (body::jsonb->>'reason'), '') as what
    from audit_events
   where rotation_id = any($1::uuid[])
     and (outcome = 'failure' or action in ('step.failed', 'rotation.held', 'rotation.cancelled', 'rotation.abandoned', 'rotation.rejected',
            'rotation.approvals_voided', 'rotation.approval_withdrawn', 'rotation.superseded', 'rotation.turned_back', 'rotation.rolled_back',
            'rotation.extended', 'rotation.hastened', 'orphan.found', 'orphan.removed', 'review.closed')
       or action like 'break\\_glass.%' or (body::jsonb->>'byHand') = 'true')
   order by at, id`;

interface ExceptionRow {
  at: Date;
  actor: string;
  action: string;
  rotation_id: string;
  what: string;
}

async function exceptionsOf(db: Database, rotationIds: readonly string[]) {
  const { rows } = await db.pool.query<ExceptionRow>(EXCEPTIONS, [rotationIds]);
  return (id: string): Exception[] =>
    rows
      .filter((row) => row.rotation_id === id)
      .map(({ at, actor, action, what }) => ({ at: at.toISOString(), actor, action, what: what.trim() }));
}

/** What was detached of the time since a moment. Somebody may close a review long after its rotation, so there is no end. */
async function detachedSince({ pool }: Database) {
  const all = await listDetachments(pool);
  return (since: number): Detached[] =>
    all.filter(({ before }) => Date.parse(before) > since).map(detachedOf);
}

/** The rotations that were open at any moment of the time asked for, oldest first. */
function rotationsOf(db: Database, { credentialId, rotationId, from, until }: Subject) {
  return db.prisma.rotation.findMany({
    where: {
      credentialId,
      ...(rotationId === null ? {} : { id: rotationId }),
      ...(until === null ? {} : { createdAt: { lt: until } }),
      ...(from === null ? {} : { OR: [{ endedAt: null }, { endedAt: { gte: from } }] }),
    },
    include: { approvals: { orderBy: { at: 'asc' } } },
    orderBy: { createdAt: 'asc' },
  });
}

/** What the report of a bundle tells. Null where the credential is not there. */
export async function gatherRotations(db: Database, subject: Subject): Promise<Evidence | null> {
  const credential = await db.prisma.credential.findUnique({
    where: { id: subject.credentialId },
    include: { issuer: true, versions: { orderBy: { n: 'asc' } } },
  });
  if (credential === null) {
    return null;
  }
  const rotations = await rotationsOf(db, subject);
  const exceptions = await exceptionsOf(
    db,
    rotations.map(({ id }) => id),
  );
  const detached = await detachedSince(db);
  const asked = Math.max(credential.createdAt.getTime(), subject.from?.getTime() ?? 0);
  const begins = rotations.map(({ createdAt }) => createdAt.getTime());
  const numberOf = (id: string | null) => credential.versions.find((version) => version.id === id)?.n ?? null;
  const touched = new Set(rotations.flatMap(({ fromVersion, toVersion }) => [fromVersion, toVersion]));
  const versions = credential.versions.filter(({ id }) => subject.rotationId === null || touched.has(id));
  const range = {
    ...(subject.from === null ? {} : { gte: subject.from }),
    ...(subject.until === null ? {} : { lt: subject.until }),
  };
  const skips =
    subject.rotationId === null
      ? await db.prisma.skip.findMany({
          where: { credentialId: subject.credentialId, slot: range },
          orderBy: { slot: 'asc' },
        })
      : [];
  return {
    credential: credential.name,
    issuer: credential.issuer.name,
    rotations: rotations.map((rotation) => ({
      id: rotation.id,
      strategy: rotation.strategy,
      priority: rotation.priority,
      requestedBy: named.parse(rotation.requestedBy).name,
      reason: rotation.reason,
      requestedAt: rotation.createdAt.toISOString(),
      endedAt: iso(rotation.endedAt),
      outcome: rotation.outcome,
      hold: rotation.hold,
      graceSeconds: rotation.graceSeconds,
      predictedGapSeconds: rotation.predictedGapSeconds,
      measuredGapSeconds:
        rotation.gapStartedAt === null || rotation.gapEndedAt === null
          ? null
          : Math.max(0, rotation.gapEndedAt.getTime() - rotation.gapStartedAt.getTime()) / 1000,
      approvalsNeeded: rotation.approvalsNeeded,
      approvals: rotation.approvals.map(({ name, at }) => ({ name, at: at.toISOString() })),
      exceptions: exceptions(rotation.id),
      detached: detached(rotation.createdAt.getTime()),
      fromVersion: numberOf(rotation.fromVersion),
      toVersion: numberOf(rotation.toVersion),
    })),
    versions: versions.map((version) => ({
      n: version.n,
      state: version.state,
      fingerprint: version.fingerprint.slice(0, 12),
      createdAt: version.createdAt.toISOString(),
      promotedAt: iso(version.promotedAt),
      revokedAt: iso(version.revokedAt),
      provenDeadAt: iso(version.provenDeadAt),
    })),
    skips: skips.map(({ slot, reason }) => ({ slot: slot.toISOString(), reason })),
    detached: detached(Math.min(...begins, ...(subject.rotationId === null ? [asked] : []))),
  };
}
