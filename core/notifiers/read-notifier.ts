import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { notifierColumns, viewNotifier } from '#core/notifiers/view-notifier.ts';
import { notFound } from '#lib/problem.ts';

/** One notifier, what it tells of, and whether its last message went through. */
export const readNotifier = read(
  {
    name: 'read-notifier',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({ notifierId: z.uuid() }),
  },
  async ({ db }, { notifierId }) => {
    const row = await db.prisma.notifier.findUnique({ where: { id: notifierId }, select: notifierColumns });
    if (row === null) {
      throw notFound('notifier');
    }
    return viewNotifier(row);
  },
);
