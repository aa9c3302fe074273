import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { notFound } from '#lib/problem.ts';

const states = ['waiting', 'sent', 'given_up'] as const;

/** As the partial indexes have them, so that one state is found without walking through all messages. */
const IS = {
  waiting: 'next_at is not null',
  sent: 'next_at is null and sent_at is not null',
  given_up: 'next_at is null and sent_at is null',
} as const;

const input = z.object({
  endpointId: z.uuid(),
  state: z.enum(states).optional(),
  /** The place of the last message of the page before. */
  after: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  limit: z.int().min(1).max(101).default(50),
});

interface Row {
  id: string;
  webhookId: string;
  seq: string;
  action: string;
  state: (typeof states)[number];
  attempts: number;
  replays: number;
  status: number | null;
  error: string | null;
  eventId: string;
  createdAt: Date;
  attemptedAt: Date | null;
  nextAt: Date | null;
  sentAt: Date | null;
}

const iso = (time: Date | null) => time?.toISOString() ?? null;

/** An endpoint's messages, the newest event first: whether each was sent, in how many attempts, and what was answered. */
export const listWebhookMessages = read(
  { name: 'list-webhook-messages', may: ['admin', 'auditor'], scope: 'everything', input },
  async ({ db }, { endpointId, state, after, limit }) => {
    const { rows } = await db.pool.query<Row>(
      `select id, webhook_id as "webhookId", seq, action, attempts, replays, status, error,
              event_id as "eventId", created_at as "createdAt", attempted_at as "attemptedAt",
              next_at as "nextAt", sent_at as "sentAt",
              case when ${IS.waiting} then 'waiting' when ${IS.sent} then 'sent' else 'given_up' end as state
         from webhook_messages
        where endpoint_id = $1 and ($2::bigint is null or seq < $2) ${state === undefined ? '' : `and ${IS[state]}`}
        order by seq desc limit $3`,
      [endpointId, after ?? null, limit],
    );
    if (rows.length === 0 && (await db.prisma.webhookEndpoint.count({ where: { id: endpointId } })) === 0) {
      throw notFound('webhook endpoint');
    }
    return rows.map((row) => ({
      ...row,
      seq: Number(row.seq),
      createdAt: row.createdAt.toISOString(),
      attemptedAt: iso(row.attemptedAt),
      nextAt: iso(row.nextAt),
      sentAt: iso(row.sentAt),
    }));
  },
);

export type WebhookMessageLine = Awaited<ReturnType<typeof listWebhookMessages>>[number];
