import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { limitWords, requireLimitable } from '#core/access/scope.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import {
  lockClient,
  nameInput,
  requireFreeName,
  requireUnmanaged,
  roleInput,
} from '#core/clients/client-input.ts';
import { publicKeysSchema } from '#core/clients/public-keys.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  clientId: z.uuid(),
  name: nameInput,
  role: roleInput,
  /** What it is limited to; left as it is when not given, and taken away with an empty list. */
  environments: limitWords.optional(),
  labels: limitWords.optional(),
  /** Only for a client that signs in with keys; left as they are when not given. */
  publicKeys: publicKeysSchema.optional(),
});

/** Changes an API client's name, role, limits or public keys. All of them count at once, also for access tokens that are out. */
export const changeApiClient = useCase(
  { name: 'change-api-client', may: ['admin'], stepUp: true, scope: 'everything', input },
  ({ actor, db }, { clientId, name, role, publicKeys, ...wish }) =>
    db.prisma.$transaction(async (tx) => {
      const before = await lockClient(tx, clientId);
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`api client ${name}`}, 0))`;
      await requireFreeName(tx, name, clientId);
      if (publicKeys !== undefined && !before.has_keys) {
        const message = `${before.name} signs in with a secret. Make another client for a key; nothing was changed.`;
        throw new Problem(409, 'has_secret', message);
      }
      const { environments = before.environments, labels = before.labels } = wish;
      requireLimitable(role, { environments, labels }, 'Take the limits away, or choose another role');
      if (!['viewer', 'auditor', 'operator'].includes(role)) {
        // What operators may bind to a target they may read there.
        requireUnmanaged(before);
      }
      const keys =
        publicKeys === undefined
          ? {}
          : { jwks: JSON.parse(JSON.stringify(publicKeys)), keysBy: auditActor(actor) };
      await tx.apiClient.update({
        where: { id: clientId },
        data: { name, role, environments, labels, ...keys },
      });
      const changes = [
        { field: 'name', from: before.name, to: name },
        { field: 'role', from: before.role, to: role },
        { field: 'environments', from: before.environments.join(', '), to: environments.join(', ') },
        { field: 'labels', from: before.labels.join(', '), to: labels.join(', ') },
        { field: 'public keys', from: 'some', to: publicKeys === undefined ? 'some' : 'others' },
      ].filter(({ from, to }) => from !== to);
      const about = { id: clientId, name, changes };
      await record(tx, { action: 'api_client.changed', actor: auditActor(actor), ...about });
    }),
);
