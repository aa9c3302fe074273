import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { isPassword } from '#core/access/password.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { forgetFailures, takeAttempt } from '#core/users/attempts.ts';
import { looksLikeCode, takeTotp } from '#core/users/second-factor.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  proof: z
    .string()
    .max(1024)
    .transform((value) => new Plaintext(value)),
});

/**
 * Attempts are counted for the user and not by address: whoever tries has a session of that user already, and would
 * otherwise gain ten guesses with every address.
 */
const COUNTED_AT = 'step-up';

/** A password has twelve characters or more, so six digits are a code of the authenticator. Proves again who the person behind a session is, for the five minutes in which step-up actions go on. */
export const stepUp = useCase(
  {
    name: 'step-up',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'own',
    beforeSecondFactor: true,
    input,
  },
  async ({ actor, db }, { proof }) => {
    if (actor.kind !== 'user' || actor.sessionId === undefined) {
      throw new Problem(403, 'no_session', 'Only a person who is signed in can give a password again.');
    }
    if (actor.signsInAgain === true) {
      throw new Problem(
        403,
        'sign_in_again',
        'You come through the single sign-on and have neither a password nor an authenticator here. Sign in there again to go on; nothing was changed.',
      );
    }
    const { sessionId } = actor;
    const { email, passwordHash } = await db.prisma.user.findUniqueOrThrow({ where: { id: actor.id } });
    const refused = {
      action: 'session.step_up_refused',
      outcome: 'failure',
      actor: auditActor(actor),
    } as const;
    await takeAttempt(db, {
      email,
      at: COUNTED_AT,
      sentence: (minutes) =>
        `Too many wrong passwords or codes for your account. Wait ${minutes} minutes and try again; nothing was changed.`,
      tell: (tx) => record(tx, { ...refused, reason: 'Too many before were wrong.' }),
    });
    const given = proof.expose();
    const right = looksLikeCode(given)
      ? await takeTotp(db.prisma, actor.id, given)
      : await isPassword(proof, passwordHash);
    if (!right) {
      await record(db.prisma, refused);
      throw new Problem(
        401,
        'step_up_refused',
        'This is wrong, or a code that was used already. Nothing was changed.',
      );
    }
    await db.prisma.$transaction(async (tx) => {
      await tx.$executeRaw`update sessions set step_up_at = rekey_now() where id = ${sessionId}::uuid`;
      await forgetFailures(tx, email, COUNTED_AT);
      await record(tx, { action: 'session.stepped_up', actor: auditActor(actor) });
    });
  },
);
