import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

/** Whether everybody must have a second factor, since when, and who has none of those who sign in with a password. */
export const readSecondFactorRule = read(
  { name: 'read-second-factor-rule', may: ['auditor', 'admin'], scope: 'everything', input: z.object({}) },
  async ({ db }) => {
    const rule = await db.prisma.secondFactorRule.findFirst();
    const without = await db.prisma.user.count({
      where: {
        disabledAt: null,
        passwordHash: { not: null },
        OR: [{ secondFactor: null }, { secondFactor: { confirmedAt: null } }],
      },
    });
    return { required: rule === null ? null : { by: rule.by, at: rule.at.toISOString() }, without };
  },
);
