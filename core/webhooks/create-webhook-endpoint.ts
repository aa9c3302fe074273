import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import {
  eventsInput,
  MOST_ENDPOINTS,
  nameInput,
  requireFreeName,
  urlInput,
} from '#core/webhooks/endpoint-input.ts';
import { storeSecret } from '#core/webhooks/store-secret.ts';
import { newId } from '#lib/new-id.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({ name: nameInput, url: urlInput, events: eventsInput });

/**
 * Makes a webhook endpoint. Its signing secret is answered here and never again. It is sent the events that are sealed from
 * now on; what was before can be replayed.
 */
export const createWebhookEndpoint = useCase(
  { name: 'create-webhook-endpoint', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { name, url, events }) => {
    await checkAddresses(null, { url });
    return db.prisma.$transaction(async (tx) => {
      await requireFreeName(tx, name);
      if ((await tx.webhookEndpoint.count()) >= MOST_ENDPOINTS) {
        const sentence = `There are ${MOST_ENDPOINTS} webhook endpoints, and no more are possible. Remove one first; nothing was saved.`;
        throw new Problem(409, 'too_many', sentence);
      }
      const id = newId();
      const createdBy = auditActor(actor);
      const newest = await tx.auditLeaf.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } });
      const position = newest?.seq ?? 0n;
      await tx.webhookEndpoint.create({ data: { id, name, url, events, position, createdBy } });
      const secret = await storeSecret(tx, id);
      const { host } = new URL(url);
      await record(tx, { action: 'webhook_endpoint.created', actor: createdBy, id, name, host, events });
      return { id, secret };
    });
  },
);
