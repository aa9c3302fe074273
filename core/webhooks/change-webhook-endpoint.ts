import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import {
  eventsInput,
  lockEndpoint,
  nameInput,
  requireFreeName,
  urlInput,
} from '#core/webhooks/endpoint-input.ts';

const input = z.object({ endpointId: z.uuid(), name: nameInput, url: urlInput, events: eventsInput });

const hostOf = (url: string) => new URL(url).host;

/** Changes an endpoint's name, its address, or which events it is sent. The next attempt goes by it; the secret stays. */
export const changeWebhookEndpoint = useCase(
  { name: 'change-webhook-endpoint', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { endpointId: id, name, url, events }) => {
    await checkAddresses(null, { url });
    await db.prisma.$transaction(async (tx) => {
      await requireFreeName(tx, name, id);
      const before = await lockEndpoint(tx, id);
      await tx.webhookEndpoint.update({ where: { id }, data: { name, url, events } });
      const path = before.url === url ? '' : ', another path';
      const host = hostOf(url) === hostOf(before.url) ? `${hostOf(url)}${path}` : hostOf(url);
      const changes = [
        { field: 'name', from: before.name, to: name },
        { field: 'address', from: hostOf(before.url), to: host },
        { field: 'events', from: before.events.join(', '), to: events.join(', ') },
      ].filter(({ from, to }) => from !== to);
      await record(tx, { action: 'webhook_endpoint.changed', actor: auditActor(actor), id, name, changes });
    });
  },
);
