import { issuerConnector } from '#connectors/registry.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { openCurrent } from '#core/backup/ask-issuer.ts';
import { type Held, nameAtTargets } from '#core/backup/ask-targets.ts';
import type { Verdict } from '#core/backup/compare-credential.ts';
import type { ListItem } from '#core/backup/list-item.ts';
import type { Restored } from '#core/backup/load-restored.ts';
import { sealFields } from '#core/vault/fields.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { type Db, db } from '#lib/db.ts';

const FINDING = 'after_restore';

const describe = (actor: AuditActor, { id, name }: Restored) => ({
  actor,
  credentialId: id,
  credential: name,
});

/** The newer secret becomes current; the one before it stays as what the issuer says it is. Answers its number. */
async function importNewer(tx: Db, restored: Restored, { newer, isDead }: Verdict, actor: AuditActor) {
  const { current, id: credentialId, issuer } = restored;
  const last = await tx.secretVersion.aggregate({ where: { credentialId }, _max: { n: true } });
  const n = (last._max.n ?? 0) + 1;
  if (newer === null) return current?.n ?? null;
  const secret = newer.fields[issuerConnector(issuer.kind).secretField];
  if (secret === undefined) throw new Error(`${issuer.name} read back a secret without its value.`);
  await tx.$executeRaw`
    update secret_versions set state = ${isDead ? 'revoked' : 'previous'},
           revoked_at = case when ${isDead} then rekey_now() end
     where credential_id = ${credentialId}::uuid and state = 'current'`;
  const hmac = fingerprint(secret);
  await tx.secretVersion.create({
    data: {
      id: newer.versionId,
      credentialId,
      n,
      state: 'current',
      externalId: newer.externalId,
      sealed: sealFields({ table: 'secret_versions', id: newer.versionId, field: 'sealed' }, newer.fields),
      fingerprint: hmac,
    },
  });
  await tx.$executeRaw`
    update secret_versions set promoted_at = rekey_now() where id = ${newer.versionId}::uuid`;
  await record(tx, {
    action: 'secret.imported',
    ...describe(actor, restored),
    version: n,
    fingerprint: hmac.slice(0, 12),
  });
  return n;
}

/**
 * Nothing of it goes on by itself: the credential is paused, an open rotation held, and consumers fetch nothing. One that waits for
 * approvals goes on waiting for them: another hold in the place of that one is lifted without anybody's approval.
 */
async function stop(tx: Db, restored: Restored, sentence: string, actor: AuditActor): Promise<boolean> {
  const about = describe(actor, restored);
  for (const { id } of restored.rotations) {
    const held = await tx.$executeRaw`
      update rotations set hold = 'manual_hold', hold_detail = ${sentence}, fence = fence + 1, lease_until = null
       where id = ${id}::uuid and coalesce(hold, '') not in ('manual_hold', 'approval_pending') and outcome is null`;
    if (held > 0) {
      await record(tx, {
        action: 'rotation.held',
        ...about,
        rotationId: id,
        hold: 'manual_hold',
        detail: sentence,
      });
    }
  }
  const bindings = restored.bindings.map(({ id }) => id);
  await tx.$executeRaw`delete from served_versions where binding_id = any(${bindings}::uuid[])`;
  await tx.$executeRaw`
    update findings set cleared_at = rekey_now()
     where credential_id = ${restored.id}::uuid and kind = ${FINDING} and cleared_at is null`;
  await tx.finding.create({ data: { credentialId: restored.id, kind: FINDING, detail: sentence } });
  const paused = await tx.$executeRaw`
    update credentials set paused_at = rekey_now() where id = ${restored.id}::uuid and paused_at is null`;
  if (paused > 0) {
    await record(tx, { action: 'credential.paused', ...about, reason: sentence });
  }
  return paused > 0;
}

/** What an earlier comparison stopped and this one has proven goes on with everything else, but for what a person has paused. */
async function letGo(tx: Db, restored: Restored, wasPausedHere: boolean, actor: AuditActor): Promise<void> {
  await tx.$executeRaw`
    update findings set cleared_at = rekey_now()
     where credential_id = ${restored.id}::uuid and kind = ${FINDING} and cleared_at is null`;
  if (!wasPausedHere) return;
  const unpaused = await tx.$executeRaw`
    update credentials set paused_at = null where id = ${restored.id}::uuid and paused_at is not null`;
  if (unpaused > 0) {
    await record(tx, { action: 'credential.unpaused', ...describe(actor, restored) });
  }
}

/** The version whose id targets are given; null where they have it, or nothing is proven. */
function versionToName(
  restored: Restored,
  { outcome, newer }: Verdict,
  n: number | null,
  wasStopped: boolean,
): Held | null {
  const { current } = restored;
  if (outcome === 'unproven') return null;
  if (newer !== null) return { ...newer, n };
  // An earlier comparison took away what is served, and may have imported this version.
  return wasStopped && current !== null
    ? { versionId: current.id, n: current.n, fields: openCurrent(restored) }
    : null;
}

/**
 * Stores what was found of a credential, in one transaction, with its audit events: a newer secret becomes current, and
 * what is not proven is paused by itself. It goes on, served as before, once a later comparison has proven it. Answers its
 * line of the list.
 */
export async function storeVerdict(
  restored: Restored,
  verdict: Verdict,
  before: ListItem | undefined,
  actor: AuditActor,
): Promise<ListItem> {
  const { outcome, sentence, newer, isDead, targets } = verdict;
  const wasPausedHere = before?.pausedHere === true;
  const wasStopped = before?.outcome === 'unproven';
  const stored = await db().prisma.$transaction(async (tx) => {
    const version = await importNewer(tx, restored, verdict, actor);
    if (outcome === 'unproven') {
      return { version, pausedHere: (await stop(tx, restored, sentence, actor)) || wasPausedHere };
    }
    if (wasStopped) await letGo(tx, restored, wasPausedHere, actor);
    return { version, pausedHere: false };
  });
  const toName = versionToName(restored, verdict, stored.version, wasStopped);
  const failures = toName === null ? [] : await nameAtTargets(targets, toName);
  return {
    credentialId: restored.id,
    credential: restored.name,
    issuer: restored.issuer.name,
    outcome,
    version: stored.version,
    sentence: [sentence, ...failures].join(' '),
    targets: targets.map(({ binding, says }) => ({ target: binding.target.name, holds: says })),
    refused: isDead && newer === null ? (restored.current?.id ?? null) : null,
    pausedHere: stored.pausedHere,
  };
}
