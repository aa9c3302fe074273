import { notifierConnectors } from '#connectors/registry.ts';

/** What is read of a notifier's row. */
export const notifierColumns = {
  id: true,
  name: true,
  kind: true,
  notices: true,
  error: true,
  sentAt: true,
  _count: { select: { notifications: { where: { nextAt: { not: null } } } } },
} as const;

interface Row {
  id: string;
  name: string;
  kind: string;
  notices: string[];
  error: string | null;
  sentAt: Date | null;
  _count: { notifications: number };
}

/** A notifier as it is told: what it tells of, and whether its last message went through. */
export const viewNotifier = ({ sentAt, _count, ...row }: Row) => ({
  ...row,
  /** The kind in words; the kind itself where this version of Rekey knows it no more. */
  title: notifierConnectors.get(row.kind)?.title ?? row.kind,
  sentAt: sentAt?.toISOString() ?? null,
  /** How many notices are still to be sent. */
  waiting: _count.notifications,
});
