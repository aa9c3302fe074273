/** What is read of an endpoint's row. */
export const endpointColumns = {
  id: true,
  name: true,
  url: true,
  events: true,
  enabled: true,
  offBecause: true,
  offAt: true,
  failingSince: true,
  error: true,
  sentAt: true,
  createdAt: true,
  _count: { select: { messages: { where: { nextAt: { not: null } } } } },
} as const;

interface Row {
  id: string;
  name: string;
  url: string;
  events: string[];
  enabled: boolean;
  offBecause: string | null;
  offAt: Date | null;
  failingSince: Date | null;
  error: string | null;
  sentAt: Date | null;
  createdAt: Date;
  _count: { messages: number };
}

const reasons = ['failing', 'gone'] as const;

const iso = (time: Date | null) => time?.toISOString() ?? null;

/** An endpoint as it is told: what it is sent, and whether that goes through. */
export const viewEndpoint = ({
  _count,
  enabled,
  offBecause,
  offAt,
  failingSince,
  sentAt,
  createdAt,
  ...row
}: Row) => ({
  ...row,
  enabled,
  /** Why it is off, where Rekey switched it off by itself, and since when. */
  offBecause: enabled ? null : (reasons.find((reason) => reason === offBecause) ?? null),
  offAt: enabled ? null : iso(offAt),
  failingSince: iso(failingSince),
  sentAt: iso(sentAt),
  createdAt: createdAt.toISOString(),
  /** How many messages are still to be sent. */
  waiting: _count.messages,
});
