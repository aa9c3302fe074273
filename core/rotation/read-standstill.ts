import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

/** Whether everything is paused, since when, by whom and why, and whether that is because the database was restored; null where it is not. */
export const readStandstill = read(
  {
    name: 'read-standstill',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async ({ db }) => {
    const row = await db.prisma.standstill.findFirst({ orderBy: { id: 'desc' } });
    return row === null
      ? null
      : { at: row.at.toISOString(), by: row.by, reason: row.reason, restored: row.id === 2 };
  },
);
