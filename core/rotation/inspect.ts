import {
  ConnectorError,
  type ListedSecret,
  type TargetCan,
  type TargetConnector,
} from '#connectors/contract.ts';
import type { Opened, OpenedIssuer } from '#core/outside/open-connector.ts';
import type { Hold } from '#core/rotation/holds.ts';

/** What one look at the outside found. Nothing is changed by it. */
export type Inspected = { subject: string; required: boolean } & (
  | {
      ok: true;
      /** The live secrets of the credential, where the issuer lists them. */
      live: readonly ListedSecret[] | null;
    }
  | { ok: false; error: ConnectorError; hold: Hold }
);

export interface Inspection {
  credential: string;
  issuer: OpenedIssuer;
  bindings: readonly { required: boolean; target: Opened<TargetConnector, TargetCan> }[];
  /** What the issuer calls the secret in use. */
  inUse: string | null;
  /** Live secrets that the rotation clears away before it issues: by their names, or by the tag they carry. */
  cleared: { externalIds: readonly (string | null)[]; tag: string | null };
}

async function requireFreeSlot({
  credential,
  issuer,
  inUse,
  cleared,
}: Inspection): Promise<ListedSecret[] | null> {
  const { listSecrets } = issuer.connector;
  if (issuer.can.maxLive === 1 || listSecrets === undefined || !issuer.can.list) {
    return null;
  }
  const live = await issuer.ask(null, (_connector, call) => listSecrets(call));
  const staying = live.filter(
    ({ externalId, tag }) =>
      externalId === inUse ||
      (!cleared.externalIds.includes(externalId) && (tag === undefined || tag !== cleared.tag)),
  );
  if (staying.length >= issuer.can.maxLive) {
    const others = staying.filter(({ externalId }) => externalId !== inUse);
    const names = others.map(({ externalId }) => externalId).join(', ');
    throw new ConnectorError(
      `It already holds ${staying.length} live secrets of ${credential} and accepts ${issuer.can.maxLive}. Remove the one that is not in use: ${names}.`,
      'never',
      { because: 'conflict' },
    );
  }
  return live;
}

/** Does both at once, and answers the second one; where both fail, the first one's error is thrown. */
async function together<T>(first: Promise<void>, second: Promise<T>): Promise<T> {
  const [one, other] = await Promise.allSettled([first, second]);
  if (one.status === 'rejected') {
    throw one.reason;
  }
  if (other.status === 'rejected') {
    throw other.reason;
  }
  return other.value;
}

async function look(
  subject: string,
  required: boolean,
  hold: Hold,
  ask: () => Promise<readonly ListedSecret[] | null>,
): Promise<Inspected> {
  try {
    return { subject, required, ok: true, live: await ask() };
  } catch (error) {
    if (error instanceof ConnectorError) {
      const reason = error.because === 'permission' ? 'permission_missing' : hold;
      // A target's conflict is about something else than the issuer's slots.
      const isFull = error.because === 'conflict' && hold === 'issuer_failed';
      return { subject, required, ok: false, error, hold: isFull ? 'slot_full' : reason };
    }
    throw error;
  }
}

/**
 * Looks, before anything changes, whether the issuer answers and permits, whether a slot is free, and whether every
 * target can be written. The issuer comes first in the answer.
 */
export function inspect(inspection: Inspection): Promise<Inspected[]> {
  const { issuer, bindings } = inspection;
  return Promise.all([
    look(issuer.name, true, 'issuer_failed', () =>
      together(
        issuer.ask(null, (connector, call) => connector.check(call)),
        requireFreeSlot(inspection),
      ),
    ),
    ...bindings.map(({ target, required }) =>
      look(target.name, required, 'target_unhealthy', async () => {
        await target.ask(null, (connector, call) => connector.check(call));
        return null;
      }),
    ),
  ]);
}
