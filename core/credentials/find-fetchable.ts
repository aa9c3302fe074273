import type { Actor } from '#core/access/actor.ts';
import { credentialsOf } from '#core/access/scope.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

/**
 * A binding that this actor may fetch from, with what is served there. Only an API client may that was allowed for this very
 * binding and was not revoked since: no person, whatever their role, no other client, and not the system. What is served is
 * locked against deliveries until the transaction ends. Throws a `Problem`: 404 for a binding that does not exist for them, 403.
 */
export async function findFetchable(tx: Db, actor: Actor, bindingId: string) {
  const binding = await tx.binding.findFirst({
    where: { id: bindingId, archivedAt: null, credential: credentialsOf(actor) },
    include: { credential: { select: { id: true, name: true } }, target: { select: { name: true } } },
  });
  if (binding === null) {
    throw notFound('binding');
  }
  const consumer =
    actor.kind === 'api_client' &&
    (await tx.bindingConsumer.findFirst({
      where: { bindingId, clientId: actor.id, client: { revokedAt: null } },
    }));
  if (!consumer) {
    throw new Problem(
      403,
      'no_consumer',
      'Only an API client that was allowed to fetch for this binding may do this. An admin allows it on the page of the credential.',
    );
  }
  const served = await tx.$queryRaw<
    { slot: 'primary' | 'next'; versionId: string; keys: string[]; serving: bigint }[]
  >`
    select slot, version_id as "versionId", keys, serving from served_versions
     where binding_id = ${bindingId}::uuid order by slot desc for share`;
  return { binding, served, clientId: consumer.clientId };
}
