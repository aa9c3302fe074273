import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { askConsumer } from '#core/outside/ask-consumer.ts';

/** What the consumers of a credential say about themselves now. One that does not answer is listed with `state` null. */
export const readConsumers = read(
  {
    name: 'read-consumers',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ db }, { credentialId }) => {
    const bindings = await db.prisma.binding.findMany({
      where: { credentialId, archivedAt: null, consumerUrl: { not: null } },
      include: { target: true },
      orderBy: { createdAt: 'asc' },
    });
    const versions = await db.prisma.secretVersion.findMany({
      where: { credentialId },
      select: { id: true, n: true },
    });
    return Promise.all(
      bindings.map(async ({ id, target, consumerUrl }) => {
        const state = consumerUrl === null ? null : await askConsumer(consumerUrl);
        const version = versions.find((one) => one.id === state?.versionId)?.n ?? null;
        return { bindingId: id, target: target.name, version, state };
      }),
    );
  },
);

export type ConsumerView = Awaited<ReturnType<typeof readConsumers>>[number];
