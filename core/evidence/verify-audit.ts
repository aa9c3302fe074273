import type { Pool } from 'pg';
import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { type Context, useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { detachedOf, listDetachments } from '#core/evidence/detachments.ts';
import type { Progress, Verification } from '#core/evidence/verification.ts';
import { countUnsealed, findStray } from '#core/evidence/verify-strays.ts';
import { type Range, type Trail, verifyTrail } from '#core/evidence/verify-trail.ts';
import { compareWithWitness } from '#core/evidence/verify-witness.ts';
import type { Seen, Witness } from '#core/evidence/witness.ts';
import { listWitnesses } from '#core/evidence/witnesses.ts';
import { Problem } from '#lib/problem.ts';

const place = z.coerce.number().int().min(1);

const input = z.object({
  /** Places in the sealed order; the batches that hold them are checked whole. Left out: from the first, to the last. */
  from: place.optional(),
  to: place.optional(),
  /** Checkpoints that somebody kept elsewhere, compared like those of a witness while they are read. */
  witnessed: z.custom<AsyncIterable<Seen> | readonly Seen[]>().optional(),
});

/** Refuses a range in which nothing can be: a proof of nothing would read like a proof. */
async function requirePlaces(pool: Pool, { from, to }: Input): Promise<void> {
  const { rows } = await pool.query<{ last: number }>(
    'select coalesce(max(last_seq), 0)::float8 as last from audit_batches',
  );
  const last = rows[0]?.last ?? 0;
  const fault =
    from !== undefined && from > (to ?? from)
      ? `The range ends before it begins: from ${from} to ${to}.`
      : from !== undefined && from > last
        ? `There is no place ${from} yet: the log is sealed through ${last}.`
        : null;
  if (fault !== null) throw new Problem(400, 'bad_range', `${fault} Nothing was verified.`);
}

type Input = z.output<typeof input>;

/** What the caller brought, as a witness among the others. */
function broughtWitness(seen: NonNullable<Input['witnessed']>): Witness {
  return {
    name: 'The checkpoints that were given',
    kind: 'remote',
    everyMs: 0,
    tell: async () => {},
    seen: async function* () {
      yield* seen;
    },
  };
}

/** Verifies a range; anew where events were detached while it ran, as their absence would be taken for a change. */
async function* verifyUndisturbed(pool: Pool, range: Range): AsyncGenerator<Progress, Trail> {
  for (;;) {
    const before = (await listDetachments(pool)).length;
    const trail: Trail = { events: 0, detached: [], firstBad: null, newest: null };
    yield* verifyTrail(pool, range, trail);
    if (trail.firstBad === null || (await listDetachments(pool)).length === before) return trail;
  }
}

async function* verify(
  context: Context,
  { witnessed, ...range }: Input,
): AsyncGenerator<Progress, Verification> {
  const { actor, db } = context;
  const trail = yield* verifyUndisturbed(db.pool, range);
  const { newest } = trail;
  const isWhole = range.from === undefined && range.to === undefined;
  if (isWhole && newest !== null) {
    trail.firstBad ??= await findStray(db.pool, newest, trail.detached.at(-1)?.lastSeq ?? 0);
  }
  const reports: Verification['witnesses'][number][] = [];
  for (const witness of [
    ...listWitnesses(),
    ...(witnessed === undefined ? [] : [broughtWitness(witnessed)]),
  ]) {
    const { report, firstBad } = await compareWithWitness(db.pool, witness);
    reports.push(report);
    trail.firstBad ??= firstBad;
  }
  const { events, firstBad } = trail;
  const sealedThrough = newest === null ? null : { seq: newest.lastSeq, batch: newest.n, at: newest.at };
  const unsealed = await countUnsealed(db.pool, newest?.settled ?? 0);
  await db.prisma.$transaction((tx) =>
    record(tx, {
      action: 'audit.verified',
      actor: auditActor(actor),
      outcome: firstBad === null ? 'success' : 'failure',
      ok: firstBad === null,
      events,
      ...(sealedThrough === null ? {} : { sealedThrough }),
      ...(firstBad === null ? {} : { firstBad: firstBad.what }),
    }),
  );
  const detached = trail.detached.map(detachedOf);
  return { ok: firstBad === null, events, detached, sealedThrough, firstBad, unsealed, witnesses: reports };
}

/**
 * Proves the audit log, or a part of it: recomputes every leaf from its body, and every root, link and signature, compares
 * the columns with the bodies, and all that the witnesses were told with what is here. It answers a run that tells its
 * progress and ends with the result (`finishVerification`); a run that is given up leaves nothing behind.
 */
export const verifyAudit = useCase(
  { name: 'verify-audit', may: ['auditor', 'admin'], stepUp: false, scope: 'everything', looks: true, input },
  async (context, wish) => {
    await requirePlaces(context.db.pool, wish);
    return verify(context, wish);
  },
);
