import { ConnectorError, type Fields, type ListedSecret } from '#connectors/contract.ts';
import type { Restored } from '#core/backup/load-restored.ts';
import { type OpenedIssuer, openIssuer } from '#core/outside/open-connector.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';

/** So many newer secrets are read back before it is given up. */
const CANDIDATES = 3;

export const openFor = (restored: Restored): OpenedIssuer =>
  openIssuer(restored.issuer, { ...restored, table: 'credentials' });

/** What the issuer says of the current version. `untried`: trying it could lock the credential. */
export type SignIn = 'accepted' | 'rejected' | 'unknown' | 'untried';

export interface IssuerAnswer {
  readonly signIn: SignIn;
  /** Live secrets that no version knows, the newest first; null where the issuer keeps no list. */
  readonly unknown: readonly ListedSecret[] | null;
}

async function listUnknown(issuer: OpenedIssuer, { id, current }: Restored) {
  const { listSecrets } = issuer.connector;
  if (listSecrets === undefined || !issuer.can.list) {
    return { unknown: null, isListed: undefined };
  }
  const live = await issuer.ask(null, (_connector, call) => listSecrets(call));
  const { rows } = await db().pool.query<{ external_id: string }>(
    'select external_id from secret_versions where credential_id = $1 and external_id is not null',
    [id],
  );
  const known = new Set(rows.map((row) => row.external_id));
  const unknown = live
    .filter(({ externalId }) => !known.has(externalId))
    .toSorted((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0));
  // Where only one can live, some issuers call each the same.
  const says = issuer.can.maxLive > 1 && current?.externalId != null;
  const isListed = says ? live.some(({ externalId }) => externalId === current.externalId) : undefined;
  return { unknown, isListed };
}

/**
 * Asks the issuer of the current version. One that it no longer lists is dead and not tried; one that it refused before is not tried
 * again, and none is where a single refused sign-in locks.
 */
export async function askIssuer(
  issuer: OpenedIssuer,
  restored: Restored,
  fields: Fields,
  refusedBefore: boolean,
): Promise<IssuerAnswer> {
  const { unknown, isListed } = await listUnknown(issuer, restored);
  if (isListed === false || refusedBefore) {
    return { signIn: 'rejected', unknown };
  }
  if (issuer.can.failedSignIns === 'none') {
    return { signIn: isListed === true ? 'accepted' : 'untried', unknown };
  }
  const signIn = await issuer.ask(restored.current?.id ?? null, (connector, call) =>
    connector.verify(call, fields),
  );
  return { signIn, unknown };
}

export interface Newer {
  readonly externalId: string;
  readonly fields: Fields;
  /** It carries the mark of a rotation, which a restored database does not remember. */
  readonly tagged: boolean;
}

/** The secrets that are newer than what is stored, opened, where the issuer reads them back and accepts them. */
export async function readNewer(
  issuer: OpenedIssuer,
  unknown: readonly ListedSecret[],
  known: Fields,
): Promise<Newer[]> {
  const { readBack } = issuer.connector;
  if (readBack === undefined || !issuer.can.readBack) {
    return [];
  }
  const newer: Newer[] = [];
  for (const { externalId, tag } of unknown.slice(0, CANDIDATES)) {
    try {
      const read = await issuer.ask(null, (_connector, call) => readBack(call, externalId));
      const fields = { ...known, ...read };
      // What it lists as live cannot lock by being tried; where nothing may be tried, the list has to do.
      const isAccepted =
        issuer.can.failedSignIns === 'none' ||
        (await issuer.ask(null, (connector, call) => connector.verify(call, fields))) === 'accepted';
      if (isAccepted) newer.push({ externalId, fields, tagged: tag !== undefined });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
    }
  }
  return newer;
}

/** The values of the version that is current here. */
export function openCurrent({ current }: Restored): Fields {
  return current === null
    ? {}
    : openFields({ table: 'secret_versions', id: current.id, field: 'sealed' }, current.sealed);
}
