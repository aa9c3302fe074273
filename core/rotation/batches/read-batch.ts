import { z } from 'zod';
import { issuerConnectors } from '#connectors/registry.ts';
import { read } from '#core/access/use-case.ts';
import { STANDING, type Standing, whySentence } from '#core/rotation/batches/batch-rules.ts';
import { etaSeconds } from '#core/rotation/batches/eta.ts';
import { notFound } from '#lib/problem.ts';

interface BatchRow {
  id: string;
  state: 'running' | 'stopped' | 'completed';
  max_concurrency: number;
  stop_on_failure: boolean;
  grace_seconds: number | null;
  reason: string;
  started_by: string;
  stop_why: string | null;
  created_at: Date;
  ended_at: Date | null;
}

interface MemberRow {
  credential_id: string;
  credential: string;
  environment: string;
  issuer_id: string;
  kind: string;
  standing: Standing;
  rotation_id: string | null;
  strategy: string | null;
  phase: string | null;
  direction: 'forward' | 'back' | null;
  hold: string | null;
  hold_detail: string | null;
  outcome: string | null;
  why_code: string | null;
  paused: string | null;
  overlap_ends_at: Date | null;
  expected_seconds: number;
  working_for: number;
}

const MEMBERS = `
  select c.id as credential_id, c.name as credential, c.environment, c.issuer_id, i.kind, ${STANDING} as standing,
         r.id as rotation_id, r.strategy, r.phase, r.direction, r.hold, r.hold_detail, r.outcome, m.why_code,
         case when goes_on_in_pause(r) is not true then is_paused(c.id) end as paused, r.overlap_ends_at, m.expected_seconds,
         coalesce(extract(epoch from rekey_now() - r.created_at), 0)::float8 as working_for
    from batch_members m left join rotations r on r.id = m.rotation_id
    join credentials c on c.id = m.credential_id join issuers i on i.id = c.issuer_id
   where m.batch_id = $1 order by m.position`;

const TO_DO: readonly Standing[] = ['waiting', 'working'];

/** Until what waits and what is at work is done; null where nothing is, or nobody lets it go on. */
function remaining(batch: BatchRow, members: readonly MemberRow[]): number | null {
  const left = members.filter(({ standing }) => TO_DO.includes(standing));
  if (batch.state !== 'running' || left.length === 0) {
    return null;
  }
  // Those at work have their places first, for what is left of their time.
  const ordered = left.toSorted(
    (a, b) => Number(a.standing === 'waiting') - Number(b.standing === 'waiting'),
  );
  const expected = ordered.map((member) => ({
    seconds:
      member.standing === 'waiting'
        ? member.expected_seconds
        : Math.max(1, member.expected_seconds - member.working_for),
    issuerId: member.issuer_id,
    issuerConcurrency: issuerConnectors.get(member.kind)?.limits?.concurrency ?? null,
  }));
  return etaSeconds(expected, batch.max_concurrency);
}

function countsOf(members: readonly MemberRow[]): Record<Standing, number> {
  const counts = { waiting: 0, working: 0, needs_people: 0, overlap: 0, completed: 0, failed: 0, skipped: 0 };
  for (const { standing } of members) {
    counts[standing] += 1;
  }
  return counts;
}

/** One batch with every credential in it and how far each has come. */
export const readBatch = read(
  {
    name: 'read-batch',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ batchId: z.uuid() }),
  },
  async ({ db }, { batchId }) => {
    const { rows } = await db.pool.query<BatchRow>(
      `select id, state, max_concurrency, stop_on_failure, grace_seconds, reason, started_by ->> 'name' as started_by,
              stop_why, created_at, ended_at from batches where id = $1`,
      [batchId],
    );
    const [batch] = rows;
    if (batch === undefined) {
      throw notFound('batch');
    }
    const { rows: members } = await db.pool.query<MemberRow>(MEMBERS, [batchId]);
    return {
      id: batch.id,
      state: batch.state,
      maxConcurrency: batch.max_concurrency,
      stopOnFailure: batch.stop_on_failure,
      /** Null: as the policy of each credential says, or else a day. */
      graceSeconds: batch.grace_seconds,
      reason: batch.reason,
      startedBy: batch.started_by,
      stopWhy: batch.stop_why,
      createdAt: batch.created_at.toISOString(),
      endedAt: batch.ended_at?.toISOString() ?? null,
      etaSeconds: remaining(batch, members),
      counts: countsOf(members),
      members: members.map((member) => ({
        credentialId: member.credential_id,
        credential: member.credential,
        environment: member.environment,
        standing: member.standing,
        rotationId: member.rotation_id,
        strategy: member.strategy,
        phase: member.phase,
        direction: member.direction,
        hold: member.hold,
        why: whySentence(member),
        /** Nothing of it starts or goes on before this pause is over. */
        paused: member.paused,
        overlapEndsAt: member.overlap_ends_at?.toISOString() ?? null,
      })),
    };
  },
);

export type BatchView = Awaited<ReturnType<typeof readBatch>>;
