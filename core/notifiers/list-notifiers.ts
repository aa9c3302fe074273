import { notifierConnectors } from '#connectors/registry.ts';
import { afterName, atMost, pageInput } from '#core/access/page.ts';
import { read } from '#core/access/use-case.ts';

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
      select: {
        id: true,
        name: true,
        kind: true,
        notices: true,
        error: true,
        sentAt: true,
        _count: { select: { notifications: { where: { nextAt: { not: null } } } } },
      },
    });
    return rows.map(({ sentAt, _count, ...row }) => ({
      ...row,
      /** The kind in words; the kind itself where this version of Rekey knows it no more. */
      title: notifierConnectors.get(row.kind)?.title ?? row.kind,
      sentAt: sentAt?.toISOString() ?? null,
      /** How many notices are still to be sent. */
      waiting: _count.notifications,
    }));
  },
);

export type NotifierRow = Awaited<ReturnType<typeof listNotifiers>>[number];
