import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { limitWords, requireLimitable } from '#core/access/scope.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { nameInput, requireFreeName, roleInput } from '#core/clients/client-input.ts';
import { publicKeysSchema } from '#core/clients/public-keys.ts';
import { newClientSecret } from '#lib/client-secret.ts';

const input = z.object({
  name: nameInput,
  role: roleInput,
  /** Limited to the credentials of these environments, and to those with one of these labels; none limit nothing. */
  environments: limitWords.default([]),
  labels: limitWords.default([]),
  /** With keys of its own it signs in with assertions and has no secret. */
  publicKeys: publicKeysSchema.nullable().default(null),
});

/**
 * Makes an API client. Its secret is answered here and never again: what is stored is a hash. A name that another live
 * client has is refused with 409 `name_taken`.
 */
export const createApiClient = useCase(
  { name: 'create-api-client', may: ['admin'], stepUp: true, scope: 'everything', input },
  ({ actor, db }, { name, role, environments, labels, publicKeys }) =>
    db.prisma.$transaction(async (tx) => {
      requireLimitable(role, { environments, labels }, 'Choose another role');
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`api client ${name}`}, 0))`;
      await requireFreeName(tx, name);
      const createdBy = auditActor(actor);
      const keys = publicKeys === null ? {} : { jwks: JSON.parse(JSON.stringify(publicKeys)) };
      const { id } = await tx.apiClient.create({
        data: { name, role, environments, labels, createdBy, ...keys },
      });
      const limits = environments.length + labels.length === 0 ? {} : { environments, labels };
      await record(tx, { action: 'api_client.created', actor: createdBy, id, name, role, ...limits });
      if (publicKeys !== null) {
        return { id, secret: null };
      }
      const { secret, hash, hint } = newClientSecret();
      await tx.apiClientSecret.create({ data: { clientId: id, hash, hint, madeBy: createdBy } });
      return { id, secret };
    }),
);
