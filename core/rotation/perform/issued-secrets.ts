import type { ListedSecret } from '#connectors/contract.ts';
import type { AuditEvent } from '#core/audit/events.ts';
import { describe } from '#core/rotation/describe.ts';
import type { LoadedRotation } from '#core/rotation/load-rotation.ts';

/** The live secrets that carry a rotation's tag; none where the issuer keeps no tags. */
export async function listTagged({ issuer }: LoadedRotation, tag: string): Promise<ListedSecret[]> {
  const { listSecrets } = issuer.connector;
  if (listSecrets === undefined || !issuer.can.tags) {
    return [];
  }
  const live = await issuer.ask(null, (_connector, call) => listSecrets(call));
  return live.filter((secret) => secret.tag === tag);
}

/**
 * Removes secrets that carry the tag and that no row knows: their value was lost with an answer. Where the issuer has
 * one slot there is nothing to remove, because the next secret replaces it. Answers what to record.
 */
export async function removeTagged(
  loaded: LoadedRotation,
  tag: string,
  ready: () => Promise<void>,
): Promise<AuditEvent[]> {
  const { issuer, situation } = loaded;
  const { revoke: retire } = issuer.connector;
  if (issuer.can.maxLive === 1 || retire === undefined) {
    return [];
  }
  const known = [situation.from?.externalId, situation.to?.externalId];
  const orphans = (await listTagged(loaded, tag)).filter(({ externalId }) => !known.includes(externalId));
  const events: AuditEvent[] = [];
  for (const { externalId } of orphans) {
    await ready();
    await issuer.ask(null, (_connector, call) => retire(call, externalId));
    events.push({ action: 'orphan.removed', ...describe(situation), externalId });
  }
  return events;
}
