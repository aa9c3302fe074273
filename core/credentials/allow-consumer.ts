import { z } from 'zod';
import { targetConnector } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { credentialsWithin } from '#core/access/scope.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { openTarget } from '#core/outside/open-connector.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ bindingId: z.uuid(), clientId: z.uuid() });

/**
 * Lets an API client fetch the values of one binding, and nothing else by that: its role may be `viewer`. From then on a
 * rotation waits for it, too. Allowing it twice is harmless. One whose limits leave the credential out is refused: it could never
 * fetch, and every rotation would wait for it.
 */
export const allowConsumer = useCase(
  { name: 'allow-consumer', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { bindingId, clientId }) =>
    db.prisma.$transaction(async (tx) => {
      // It is not archived meanwhile, and keeps no consumer then.
      await tx.$queryRaw`select 1 from bindings where id = ${bindingId}::uuid for share`;
      const binding = await tx.binding.findUnique({
        where: { id: bindingId, archivedAt: null },
        include: { target: true, credential: { select: { name: true } } },
      });
      const client = await tx.apiClient.findUnique({ where: { id: clientId, revokedAt: null } });
      if (binding === null || client === null) {
        throw notFound(binding === null ? 'binding' : 'client');
      }
      const { target, credential, credentialId } = binding;
      if (openTarget(target, { ...binding, table: 'bindings' }).can.readBack !== 'fetched') {
        const { title } = targetConnector(target.kind);
        const sentence = `${target.name} (${title}) is written to, and nobody fetches from it. Nothing was changed.`;
        throw new Problem(422, 'not_fetched_from', sentence);
      }
      const seen = { id: credentialId, ...credentialsWithin(client) };
      if ((await tx.credential.count({ where: seen })) === 0) {
        const sentence = `${client.name} is limited to other credentials, so it could never fetch ${credential.name}, and each rotation would wait for it.`;
        const next = 'Change the limits of the client under Developer tools first.';
        throw new Problem(422, 'outside_its_limits', `${sentence} Nothing was changed. ${next}`);
      }
      const made = await tx.bindingConsumer.createMany({
        data: [{ bindingId, clientId }],
        skipDuplicates: true,
      });
      if (made.count === 1) {
        const about = { credentialId, credential: credential.name, target: target.name };
        const { id, name } = client;
        await record(tx, { action: 'consumer.allowed', actor: auditActor(actor), ...about, id, name });
      }
      return { bindingId, clientId, client: client.name };
    }),
);
