import { z } from 'zod';
import { type Actor, auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { commitGlass } from '#core/rotation/commit-glass.ts';
import { expireBreakGlass } from '#core/rotation/expire-break-glass.ts';
import { loadRotation } from '#core/rotation/load-rotation.ts';
import { breakGlassRefusal, hasEnded } from '#core/rotation/refusal.ts';
import { requireUnpaused } from '#core/rotation/require-unpaused.ts';
import { CONFIRM_MINUTES, isAlone, whoElse } from '#core/rotation/second-person.ts';
import { whoAsked } from '#core/rotation/who-asked.ts';
import type { Database, Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  rotationId: z.uuid(),
  reason,
  /** The name of the credential, typed by an admin who breaks the glass alone. */
  name: z.string().trim().max(200).optional(),
});

interface Asking {
  actor: Actor;
  rotationId: string;
  reason: string;
  credential: { id: string; name: string };
}

/** What is asked for or done is there once: the index says so, whoever asks at the same moment. */
async function insert(tx: Db, asking: Asking, state: 'asked' | 'broken'): Promise<Date> {
  const { actor, rotationId, reason, credential } = asking;
  const [row] = await tx.$queryRaw<{ until: Date }[]>`
    insert into glass_breaks (id, rotation_id, credential_id, state, requested_by, reason, until, decided_at)
    values (gen_random_uuid(), ${rotationId}::uuid, ${credential.id}::uuid, ${state},
            ${JSON.stringify(auditActor(actor))}::jsonb, ${reason},
            rekey_now() + make_interval(mins => ${CONFIRM_MINUTES}),
            case when ${state} = 'broken' then rekey_now() end)
    on conflict do nothing
    returning until`;
  if (row === undefined) {
    throw new Problem(
      409,
      'not_now',
      'Breaking the glass was asked for already: it waits for a second person, or was done. Nothing was changed.',
    );
  }
  return row.until;
}

async function ask(db: Database, asking: Asking): Promise<Date> {
  const { actor, rotationId, reason, credential } = asking;
  const { situation } = await loadRotation(rotationId);
  const why = situation.outcome === null ? breakGlassRefusal(situation) : hasEnded;
  if (why !== null) {
    throw new Problem(409, 'not_now', `${why} Nothing was changed.`);
  }
  // What nobody confirmed in time does not keep anybody from asking again.
  await expireBreakGlass();
  return db.prisma.$transaction(async (tx) => {
    const until = await insert(tx, asking, 'asked');
    await record(tx, {
      action: 'break_glass.asked',
      actor: auditActor(actor),
      rotationId,
      credentialId: credential.id,
      credential: credential.name,
      until: until.toISOString(),
      reason,
    });
    return until;
  });
}

function requireName(name: string | undefined, credential: string): void {
  if (name !== credential) {
    const sentence = `You are the only person who could confirm this. Type the name of the credential, ${credential}, to do it alone.`;
    throw new Problem(422, 'name_required', `${sentence} Nothing was changed.`, {}, { name: sentence });
  }
}

/**
 * Asks to have the old secret revoked at once although not every required target is confirmed: those that have not got the new
 * one stop working. A second person confirms it. Where there is nobody else who could, an admin does it alone, with the
 * name of the credential typed, and the review of it stays open until somebody has written its conclusion.
 */
export const breakGlass = useCase(
  { name: 'break-glass', may: ['operator', 'admin'], stepUp: true, scope: 'credential', input },
  async ({ actor, db }, { rotationId, reason, name }) => {
    const rotation = await db.prisma.rotation.findUnique({
      where: { id: rotationId },
      include: { credential: true },
    });
    if (rotation === null) {
      throw notFound('rotation');
    }
    const { credential } = rotation;
    await requireUnpaused(credential.id);
    const asking = { actor, rotationId, reason, credential };
    const { all } = await whoAsked(db.prisma, [auditActor(actor)]);
    if ((await whoElse(db.prisma, credential.id, all)).length > 0) {
      return { broken: false, until: (await ask(db, asking)).toISOString() };
    }
    if (!(await isAlone(actor, credential.id))) {
      const sentence =
        'Nobody is there who could confirm this: it takes an approver or an admin. Nothing was changed.';
      throw new Problem(409, 'nobody_to_confirm', sentence);
    }
    requireName(name, credential.name);
    const alongside = async (tx: Db) => {
      await insert(tx, asking, 'broken');
    };
    await commitGlass({ actor, rotationId, reason, alone: true, alongside, events: () => [] });
    return { broken: true, until: null };
  },
);
