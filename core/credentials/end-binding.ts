import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { LockedBinding } from '#core/credentials/lock-binding.ts';
import type { Db } from '#lib/db.ts';

/**
 * Archives one binding inside a transaction that has locked its credential: nothing is delivered there any more, nobody fetches for it,
 * and what is sealed of its place is erased. What the target holds stays; nothing outside is asked.
 */
export async function endBinding(tx: Db, actor: AuditActor, binding: LockedBinding): Promise<void> {
  const { id: bindingId, credentialId, credential, target, fields } = binding;
  const about = { actor, credentialId, credential: credential.name, target: target.name };
  await tx.$executeRaw`
    update bindings set archived_at = rekey_now(), sealed = null where id = ${bindingId}::uuid`;
  const consumers = await tx.bindingConsumer.findMany({ where: { bindingId }, include: { client: true } });
  await tx.bindingConsumer.deleteMany({ where: { bindingId } });
  await tx.servedVersion.deleteMany({ where: { bindingId } });
  // What was found there concerns nobody any more.
  await tx.$executeRaw`
    update findings set cleared_at = rekey_now() where binding_id = ${bindingId}::uuid and cleared_at is null`;
  for (const { client } of consumers) {
    await record(tx, { action: 'consumer.removed', ...about, id: client.id, name: client.name });
  }
  await record(tx, { action: 'binding.archived', ...about, keys: Object.values(Object(fields)) });
}
