import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { newTotpSecret, totpAddress } from '#core/access/totp.ts';
import { useCase } from '#core/access/use-case.ts';
import { placeOfFactor } from '#core/users/second-factor.ts';
import { seal } from '#core/vault/seal.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Makes a secret for the actor's authenticator and answers it, once. It counts for nothing until a code of it was
 * given; beginning again throws the one before away.
 */
export const beginSecondFactor = useCase(
  {
    name: 'begin-second-factor',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    stepUp: true,
    scope: 'own',
    beforeSecondFactor: true,
    input: z.object({ host: z.string().max(300) }),
  },
  async ({ actor, db }, { host }) => {
    if (actor.kind !== 'user') {
      throw new Problem(403, 'no_session', 'Only a person who is signed in can add a second factor.');
    }
    const secret = newTotpSecret();
    const id = randomUUID();
    const user = await db.prisma.$transaction(async (tx) => {
      await tx.secondFactor.deleteMany({ where: { userId: actor.id, confirmedAt: null } });
      if ((await tx.secondFactor.count({ where: { userId: actor.id } })) > 0) {
        throw new Problem(
          409,
          'second_factor_exists',
          'You have a second factor already. Remove it first; nothing was changed.',
        );
      }
      await tx.secondFactor.create({
        data: { id, userId: actor.id, sealed: seal(placeOfFactor(id), secret) },
      });
      return tx.user.findUniqueOrThrow({ where: { id: actor.id } });
    });
    return { secret: secret.expose(), address: totpAddress(secret, user.email, host) };
  },
);
