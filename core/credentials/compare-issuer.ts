import { ConnectorError, type ListedSecret } from '#connectors/contract.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Comparable } from '#core/credentials/load-comparable.ts';
import { noteFinding } from '#core/credentials/note-finding.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';

/** So old must a secret with our tag be before it counts as forgotten: the worker that made it is long gone. */
const FORGOTTEN_MS = 60 * 60 * 1000;

/**
 * Those of these tags whose rotation has ended and had begun to issue. One that had not made its secret after the backup that this
 * database came from, and that secret may be the one in use.
 */
async function ourRotations(credentialId: string, tags: readonly string[]): Promise<Set<string>> {
  const { rows } = await db().pool.query<{ id: string }>(
    `select r.id::text from rotations r
      where r.credential_id = $1 and r.outcome is not null and r.id::text = any($2)
        and exists (select 1 from rotation_steps s where s.rotation_id = r.id and s.phase = 'issue')`,
    [credentialId, tags],
  );
  return new Set(rows.map(({ id }) => id));
}

async function unknownTo(credentialId: string, live: readonly ListedSecret[]): Promise<ListedSecret[]> {
  const { rows } = await db().pool.query<{ external_id: string }>(
    'select external_id from secret_versions where credential_id = $1 and external_id is not null',
    [credentialId],
  );
  const known = new Set(rows.map((row) => row.external_id));
  return live.filter(({ externalId }) => !known.has(externalId));
}

async function listUnknown(credential: Comparable): Promise<ListedSecret[]> {
  const issuer = openIssuer(credential.issuer, { ...credential, table: 'credentials' });
  const { listSecrets } = issuer.connector;
  if (listSecrets === undefined || !issuer.can.list || issuer.can.maxLive === 1) {
    return [];
  }
  const live = await issuer.ask(null, (_connector, call) => listSecrets(call));
  return unknownTo(credential.id, live);
}

async function remove(credential: Comparable, orphan: ListedSecret, actor: AuditActor): Promise<void> {
  const issuer = openIssuer(credential.issuer, { ...credential, table: 'credentials' });
  const { revoke } = issuer.connector;
  if (revoke === undefined || orphan.tag === undefined) {
    return;
  }
  await issuer.ask(null, (_connector, call) => revoke(call, orphan.externalId));
  const { id: credentialId, name } = credential;
  const about = { credentialId, credential: name, rotationId: orphan.tag, externalId: orphan.externalId };
  await db().prisma.$transaction((tx) => record(tx, { action: 'orphan.removed', actor, ...about }));
}

/**
 * Compares the live secrets at the issuer with what is stored. One that carries the tag of an ended rotation of ours
 * which had begun to issue, and that no version knows, is removed after an hour; any other unknown secret is noted and left alone.
 */
export async function compareIssuer(credential: Comparable, actor: AuditActor): Promise<void> {
  try {
    const unknown = await listUnknown(credential);
    const ours = await ourRotations(
      credential.id,
      unknown.flatMap(({ tag }) => (tag === undefined ? [] : [tag])),
    );
    const now = await databaseTime();
    const isOurs = ({ tag }: ListedSecret) => tag !== undefined && ours.has(tag);
    const isForgotten = ({ createdAt }: ListedSecret) =>
      createdAt !== null && now.getTime() - createdAt.getTime() > FORGOTTEN_MS;
    for (const orphan of unknown.filter((one) => isOurs(one) && isForgotten(one))) {
      await remove(credential, orphan, actor);
    }
    const foreign = unknown.filter((one) => !isOurs(one)).map(({ externalId }) => externalId);
    const detail =
      foreign.length === 0
        ? null
        : `${credential.issuer.name} holds live secrets that Rekey does not know: ${foreign.join(', ')}.`;
    await noteFinding(credential, { bindingId: null, kind: 'unknown_secret', detail });
  } catch (error) {
    if (!(error instanceof ConnectorError)) {
      throw error;
    }
  }
}
