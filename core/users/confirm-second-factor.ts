import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { makeRecoveryCodes, takeTotp } from '#core/users/second-factor.ts';
import { Problem } from '#lib/problem.ts';

/** From here on signing in takes a code, too. Answers the recovery codes, once. */
export const confirmSecondFactor = useCase(
  {
    name: 'confirm-second-factor',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    stepUp: true,
    scope: 'own',
    beforeSecondFactor: true,
    input: z.object({ code: z.string().transform((code) => code.replaceAll(/\s/g, '')) }),
  },
  async ({ actor, db }, { code }) => {
    if (actor.kind !== 'user') {
      throw new Problem(403, 'no_session', 'Only a person who is signed in can add a second factor.');
    }
    return db.prisma.$transaction(async (tx) => {
      const wrong = new Problem(
        422,
        'wrong_code',
        'This is not the code of now. See that the clock of your phone is right, and give the next code.',
      );
      const confirmed = await tx.$executeRaw`
        update second_factors set confirmed_at = rekey_now()
         where user_id = ${actor.id}::uuid and confirmed_at is null`;
      if (confirmed === 0 || !(await takeTotp(tx, actor.id, code))) {
        throw wrong;
      }
      const recoveryCodes = await makeRecoveryCodes(tx, actor.id);
      await record(tx, { action: 'second_factor.added', actor: auditActor(actor) });
      return { recoveryCodes };
    });
  },
);
