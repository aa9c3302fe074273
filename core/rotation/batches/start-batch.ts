import type { PoolClient } from 'pg';
import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { batchInput } from '#core/rotation/batches/batch-input.ts';
import { type PlannedMember, planMembers } from '#core/rotation/batches/plan-members.ts';
import { countToType } from '#core/rotation/batches/production.ts';
import { recordWith } from '#core/rotation/batches/record-with.ts';
import { inTransaction } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { Problem } from '#lib/problem.ts';

const input = batchInput.extend({
  /** The digest of the list that a person read; another list is refused. */
  digest: z.string().min(1).max(200),
  reason,
  stopOnFailure: z.boolean().default(true),
  /** How many are rotated, as the person typed it; wanted for more than five in production. */
  count: z.int().optional(),
});

function requireCount(starting: readonly PlannedMember[], typed: number | undefined): void {
  const wanted = countToType(starting.map(({ environment }) => environment));
  if (wanted !== null && typed !== wanted) {
    const sentence = `This rotates ${wanted} credentials, more than five of them in production. Type ${wanted} to say that you mean it; nothing was changed.`;
    throw new Problem(400, 'count_needed', sentence, {}, { count: sentence });
  }
}

// Two that are started at the same moment take turns, so that no credential waits in both.
const TAKE_TURN = `select pg_advisory_xact_lock(hashtext('rekey.start-batch'))`;

const INSERT_MEMBERS = `
  insert into batch_members (batch_id, position, credential_id, state, why_code, excused, expected_seconds)
  select $1, m.position, m.credential_id, case when m.why_code is null then 'waiting' else 'skipped' end, m.why_code,
         m.why_code is not null, m.seconds
    from jsonb_to_recordset($2::jsonb) as m(position integer, credential_id uuid, why_code text, seconds integer)`;

async function storeMembers(
  client: PoolClient,
  id: string,
  members: readonly PlannedMember[],
): Promise<void> {
  const rows = members.map(({ credentialId, refusal, seconds }, position) => ({
    position,
    credential_id: credentialId,
    why_code: refusal?.code,
    seconds,
  }));
  await client.query(INSERT_MEMBERS, [id, JSON.stringify(rows)]);
}

/**
 * Starts a batch: exactly the list that the digest names, which somebody read. What cannot be rotated now is in it as
 * skipped, with why. Workers start its rotations, at most `maxConcurrency` at a time. Throws a `Problem` 409
 * `batch_changed` where the list is another one by now, and stores nothing.
 */
export const startBatch = useCase(
  { name: 'start-batch', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor }, { credentialIds, maxConcurrency, graceSeconds, ...wish }) =>
    inTransaction(async (client) => {
      await client.query(TAKE_TURN);
      const planned = await planMembers(client, { credentialIds, graceSeconds, requester: actor.name });
      if (planned.digest !== wish.digest) {
        throw new Problem(
          409,
          'batch_changed',
          'The list has changed since it was read: a credential has begun to rotate, was paused, is bound otherwise, or keeps its old secret for another time. Read it again; nothing was changed.',
        );
      }
      const starting = planned.members.filter(({ refusal }) => refusal === null);
      if (starting.length === 0) {
        throw new Problem(409, 'nothing_to_rotate', 'None of them can be rotated now. Nothing was changed.');
      }
      requireCount(starting, wish.count);
      const id = newId();
      const by = auditActor(actor);
      await client.query(
        `insert into batches (id, max_concurrency, stop_on_failure, grace_seconds, reason, list_digest, started_by)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [id, maxConcurrency, wish.stopOnFailure, graceSeconds ?? null, wish.reason, planned.digest, by],
      );
      await storeMembers(client, id, planned.members);
      await recordWith(client, {
        action: 'batch.started',
        actor: by,
        id,
        reason: wish.reason,
        credentials: starting.map(({ credential }) => credential),
        skipped: planned.members
          .filter(({ refusal }) => refusal !== null)
          .map(({ credential }) => credential),
        maxConcurrency,
        stopOnFailure: wish.stopOnFailure,
        listDigest: planned.digest,
      });
      return { batchId: id };
    }),
);
