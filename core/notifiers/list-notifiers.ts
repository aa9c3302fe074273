import { afterName, atMost, pageInput } from '#core/access/page.ts';
import { read } from '#core/access/use-case.ts';
import { notifierColumns, viewNotifier } from '#core/notifiers/view-notifier.ts';

/** Every notifier, what it tells of, and whether its last message went through. */
export const listNotifiers = read(
  {
    name: 'list-notifiers',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: pageInput,
  },
  async ({ db }, page) => {
    const rows = await db.prisma.notifier.findMany({
      where: afterName(page),
      orderBy: { name: 'asc' },
      ...atMost(page),
      select: notifierColumns,
    });
    return rows.map(viewNotifier);
  },
);

export type NotifierRow = Awaited<ReturnType<typeof listNotifiers>>[number];
