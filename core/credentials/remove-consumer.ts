import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ bindingId: z.uuid(), clientId: z.uuid() });

/** Takes from an API client the right to fetch for a binding. Its next request is refused, and rotations wait for it no more. */
export const removeConsumer = useCase(
  { name: 'remove-consumer', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { bindingId, clientId }) =>
    db.prisma.$transaction(async (tx) => {
      const found = await tx.bindingConsumer.findUnique({
        where: { bindingId_clientId: { bindingId, clientId } },
        include: { client: true, binding: { include: { target: true, credential: true } } },
      });
      if (found === null) {
        throw notFound('consumer');
      }
      await tx.bindingConsumer.delete({ where: { bindingId_clientId: { bindingId, clientId } } });
      const { client, binding } = found;
      const { credentialId, credential, target } = binding;
      const about = { credentialId, credential: credential.name, target: target.name };
      const { id, name } = client;
      await record(tx, { action: 'consumer.removed', actor: auditActor(actor), ...about, id, name });
    }),
);
