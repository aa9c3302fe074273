import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { endpointColumns, viewEndpoint } from '#core/webhooks/view-endpoint.ts';

/** The webhook endpoints, by name, and whether their messages go through. There are 32 at most. */
export const listWebhookEndpoints = read(
  { name: 'list-webhook-endpoints', may: ['admin', 'auditor'], scope: 'everything', input: z.object({}) },
  async ({ db }) => {
    const rows = await db.prisma.webhookEndpoint.findMany({
      orderBy: { name: 'asc' },
      select: endpointColumns,
    });
    return rows.map(viewEndpoint);
  },
);

export type WebhookEndpointLine = Awaited<ReturnType<typeof listWebhookEndpoints>>[number];
