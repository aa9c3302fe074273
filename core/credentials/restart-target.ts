import type { TargetCan, TargetConnector } from '#connectors/contract.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Comparable } from '#core/credentials/load-comparable.ts';
import { noteFinding } from '#core/credentials/note-finding.ts';
import type { Opened } from '#core/outside/open-connector.ts';
import { db } from '#lib/db.ts';

interface Restarting {
  credential: Comparable;
  bindingId: string;
  target: Opened<TargetConnector, TargetCan>;
}

/** Notes that what runs at the target may use the version that it held; nothing where it takes up by itself what it is given. */
export async function noteNotRestarted(
  { credential, bindingId, target }: Restarting,
  n: number,
): Promise<void> {
  if (target.can.redeploy === 'call') {
    const detail = `${target.name} held v${n}, and what runs there may still use it: it has not been restarted since.`;
    await noteFinding(credential, { bindingId, kind: 'not_restarted', detail });
  }
}

/** Whether a rotation has delivered there since, and restarted it. */
async function isDeliveredSince({ credential, bindingId }: Restarting, foundAt: Date): Promise<boolean> {
  const where = { versionId: credential.current.id, bindingId, slot: 'primary', updatedAt: { gt: foundAt } };
  return (await db().prisma.delivery.count({ where })) > 0;
}

/**
 * Has a target that was healed, and holds the current version by now, take it up, as a rotation does. Where it cannot be told that,
 * what was noted stays, and it is told again at the next comparison; a person who leaves it as it is keeps it from being told.
 */
export async function restartTarget(restarting: Restarting, actor: AuditActor): Promise<void> {
  const { credential, bindingId, target } = restarting;
  const { id: credentialId, name, current } = credential;
  const { redeploy } = target.connector;
  const open = await db().prisma.finding.findFirst({
    where: { credentialId, bindingId, kind: 'not_restarted', clearedAt: null, ignoredAt: null },
  });
  if (open === null) {
    return;
  }
  if (redeploy !== undefined && !(await isDeliveredSince(restarting, open.foundAt))) {
    await target.ask(null, (_connector, call) => redeploy(call));
    const detail = `What runs at ${target.name} was told to take up v${current.n}.`;
    const about = { actor, credentialId, credential: name, target: target.name };
    await db().prisma.$transaction((tx) => record(tx, { action: 'drift.cleared', ...about, detail }));
  }
  await noteFinding(credential, { bindingId, kind: 'not_restarted', detail: null });
}
