import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';

const input = z.object({ userId: z.uuid() });

/** Lets a disabled user sign in again, with the password and the role they had. */
export const enableUser = useCase(
  { name: 'enable-user', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { userId }) => {
    await db.prisma.$transaction(async (tx) => {
      const rows = await tx.$queryRaw<{ email: string }[]>`
        update users set disabled_at = null where id = ${userId}::uuid and disabled_at is not null returning email`;
      for (const { email } of rows) {
        await record(tx, { action: 'user.enabled', actor: auditActor(actor), email });
      }
    });
  },
);
