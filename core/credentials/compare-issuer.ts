import { ConnectorError, type ListedSecret } from '#connectors/contract.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Comparable } from '#core/credentials/load-comparable.ts';
import { noteFinding } from '#core/credentials/note-finding.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { log } from '#lib/log.ts';

/** So old must a secret with our tag be before it counts as forgotten: the worker that made it is long gone. */
const FORGOTTEN_SECONDS = 60 * 60;

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

interface Ended {
  id: string;
  isLongOver: boolean;
  /** Its version is in use, and is not listed by the name that we know it by: what carries its tag may be that very secret. */
  isUnlisted: boolean;
}

/** What is known of ended rotations, for issuers that do not say when a secret was made. */
async function endedRotations(
  ids: ReadonlySet<string>,
  live: readonly ListedSecret[],
): Promise<Map<string, Ended>> {
  const { rows } = await db().pool.query<Ended>(
    `select r.id, r.ended_at < rekey_now() - make_interval(secs => $3) as "isLongOver",
            exists (select 1 from secret_versions v
                     where v.id = r.to_version and v.state in ('pending', 'current', 'previous')
                       and v.external_id <> all($2)) as "isUnlisted"
       from rotations r where r.id = any($1::uuid[])`,
    [[...ids], live.map(({ externalId }) => externalId), FORGOTTEN_SECONDS],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function unknownTo(credentialId: string, live: readonly ListedSecret[]): Promise<ListedSecret[]> {
  const { rows } = await db().pool.query<{ external_id: string }>(
    'select external_id from secret_versions where credential_id = $1 and external_id is not null',
    [credentialId],
  );
  const known = new Set(rows.map((row) => row.external_id));
  return live.filter(({ externalId }) => !known.has(externalId));
}

async function listLive(credential: Comparable): Promise<ListedSecret[]> {
  const issuer = openIssuer(credential.issuer, { ...credential, table: 'credentials' });
  const { listSecrets } = issuer.connector;
  if (listSecrets === undefined || !issuer.can.list || issuer.can.maxLive === 1) {
    return [];
  }
  return issuer.ask(null, (_connector, call) => listSecrets(call));
}

interface Sorted {
  /** Made by rotations of ours, and forgotten. */
  forgotten: ListedSecret[];
  /** Not known to Rekey. */
  foreign: ListedSecret[];
}

/** Sorts live secrets that no version knows. One with our tag that is not old enough yet is in neither list. */
async function sort(credential: Comparable, live: readonly ListedSecret[]): Promise<Sorted> {
  const unknown = await unknownTo(credential.id, live);
  const tags = unknown.flatMap(({ tag }) => (tag === undefined ? [] : [tag]));
  const ours = await ourRotations(credential.id, tags);
  const ended = await endedRotations(ours, live);
  const now = await databaseTime();
  const isForeign = ({ tag = '', createdAt }: ListedSecret) =>
    !ours.has(tag) || (createdAt === null && ended.get(tag)?.isUnlisted === true);
  const isForgotten = ({ tag = '', createdAt }: ListedSecret) =>
    createdAt === null
      ? ended.get(tag)?.isLongOver === true
      : now.getTime() - createdAt.getTime() > FORGOTTEN_SECONDS * 1000;
  return {
    forgotten: unknown.filter((one) => !isForeign(one) && isForgotten(one)),
    foreign: unknown.filter(isForeign),
  };
}

interface Orphan {
  credentialId: string;
  credential: string;
  rotationId: string;
  externalId: string;
}

/** Tells that a forgotten secret was found, before it is removed; once, however often that fails. */
async function tellFound(event: Orphan & { actor: AuditActor }): Promise<void> {
  await db().prisma.$transaction(async (tx) => {
    const told = await tx.$queryRaw<unknown[]>`
      select 1 from audit_events
       where rotation_id = ${event.rotationId}::uuid and action = 'orphan.found'
         and body::jsonb ->> 'externalId' = ${event.externalId} limit 1`;
    if (told.length === 0) {
      await record(tx, { action: 'orphan.found', ...event });
    }
  });
}

/** Removes a forgotten secret; answers whether it is gone. */
async function remove(
  credential: Comparable,
  { externalId, tag }: ListedSecret,
  actor: AuditActor,
): Promise<boolean> {
  const issuer = openIssuer(credential.issuer, { ...credential, table: 'credentials' });
  const { revoke } = issuer.connector;
  if (revoke === undefined || tag === undefined) {
    return false;
  }
  const { id: credentialId, name } = credential;
  const orphan: Orphan = { credentialId, credential: name, rotationId: tag, externalId };
  await tellFound({ actor, ...orphan });
  try {
    await issuer.ask(null, (_connector, call) => revoke(call, externalId));
  } catch (error) {
    if (!(error instanceof ConnectorError)) {
      throw error;
    }
    log.warn({ err: error, credentialId, externalId }, 'a forgotten secret could not be removed');
    return false;
  }
  await db().prisma.$transaction((tx) => record(tx, { action: 'orphan.removed', actor, ...orphan }));
  return true;
}

/** What people are told of secrets that stay; null where none does. */
function detailOf(issuer: string, foreign: readonly ListedSecret[], stuck: readonly ListedSecret[]) {
  const named = (secrets: readonly ListedSecret[]) => secrets.map(({ externalId }) => externalId).join(', ');
  const sentences = [
    ...(foreign.length === 0
      ? []
      : [`${issuer} holds live secrets that Rekey does not know: ${named(foreign)}.`]),
    ...(stuck.length === 0
      ? []
      : [
          `${issuer} holds live secrets that rotations left behind and that could not be removed: ${named(stuck)}. It is tried again; if they stay, remove them there.`,
        ]),
  ];
  return sentences.length === 0 ? null : sentences.join(' ');
}

/**
 * Compares the live secrets at the issuer with what is stored. One that carries the tag of an ended rotation of ours which had
 * begun to issue, and that no version knows, is removed after an hour; where the issuer does not say when it was made, an hour
 * after the rotation ended. One that cannot be removed, and any other unknown secret, is noted and left alone.
 */
export async function compareIssuer(credential: Comparable, actor: AuditActor): Promise<void> {
  try {
    const { forgotten, foreign } = await sort(credential, await listLive(credential));
    const stuck: ListedSecret[] = [];
    for (const orphan of forgotten) {
      if (!(await remove(credential, orphan, actor))) {
        stuck.push(orphan);
      }
    }
    const detail = detailOf(credential.issuer.name, foreign, stuck);
    await noteFinding(credential, { bindingId: null, kind: 'unknown_secret', detail });
  } catch (error) {
    if (!(error instanceof ConnectorError)) {
      throw error;
    }
  }
}
