import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { endpointColumns, viewEndpoint } from '#core/webhooks/view-endpoint.ts';
import { notFound } from '#lib/problem.ts';

interface SecretRow {
  id: string;
  hint: string;
  createdAt: Date;
  endsAt: Date | null;
}

/** One endpoint with the secrets that sign its messages now, newest first. Their values are shown to nobody. */
export const readWebhookEndpoint = read(
  {
    name: 'read-webhook-endpoint',
    may: ['admin', 'auditor'],
    scope: 'everything',
    input: z.object({ endpointId: z.uuid() }),
  },
  async ({ db }, { endpointId }) => {
    const [row, secrets] = await Promise.all([
      db.prisma.webhookEndpoint.findUnique({ where: { id: endpointId }, select: endpointColumns }),
      db.pool.query<SecretRow>(
        `select id, hint, created_at as "createdAt", ends_at as "endsAt" from webhook_secrets
          where endpoint_id = $1 and (ends_at is null or ends_at > rekey_now())
          order by created_at desc, id desc`,
        [endpointId],
      ),
    ]);
    if (row === null) {
      throw notFound('webhook endpoint');
    }
    return {
      ...viewEndpoint(row),
      secrets: secrets.rows.map(({ createdAt, endsAt, ...secret }) => ({
        ...secret,
        createdAt: createdAt.toISOString(),
        endsAt: endsAt?.toISOString() ?? null,
      })),
    };
  },
);

export type WebhookEndpointDetails = Awaited<ReturnType<typeof readWebhookEndpoint>>;
