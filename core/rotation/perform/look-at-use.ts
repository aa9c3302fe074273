import { ConnectorError } from '#connectors/contract.ts';
import { askConsumer } from '#core/outside/ask-consumer.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { type LoadedRotation, type OpenBinding, openVersion } from '#core/rotation/load-rotation.ts';
import { type Effect, requireIncoming } from '#core/rotation/perform/effect.ts';
import type { VersionFact } from '#core/rotation/situation.ts';
import { allReport } from '#core/rotation/usage.ts';

/** The issuer's clock may be so far ahead of the database's: Rekey's own sign-in with the new secret is no use of it. */
const SKEW_MS = 30_000;

interface Seen {
  old: Date | null;
  new: boolean;
}

/** What cannot be asked now has seen nothing; it is no failure of the rotation. */
async function orNothing<T>(ask: Promise<T>, nothing: T): Promise<T> {
  try {
    return await ask;
  } catch (error) {
    if (error instanceof ConnectorError) {
      return nothing;
    }
    throw error;
  }
}

/** When the issuer saw the two versions last. */
async function atIssuer({ issuer, situation }: LoadedRotation, to: VersionFact): Promise<Seen> {
  const { listSecrets } = issuer.connector;
  const { from, phaseAt } = situation;
  if (listSecrets === undefined || !issuer.can.usageSignal || !issuer.can.list) {
    return { old: null, new: false };
  }
  const listed = await orNothing(
    issuer.ask(null, (_connector, call) => listSecrets(call)),
    [],
  );
  const lastOf = (version: VersionFact | null) =>
    version === null
      ? null
      : (listed.find(({ externalId }) => externalId === version.externalId)?.lastUsedAt ?? null);
  const used = lastOf(to);
  return { old: lastOf(from), new: used !== null && used.getTime() > phaseAt.getTime() + SKEW_MS };
}

/** What one consumer says that it uses. */
async function ofBinding(
  { situation }: LoadedRotation,
  binding: OpenBinding,
  to: VersionFact,
): Promise<'old' | 'new' | null> {
  const { id, consumerUrl, target, fields } = binding;
  if (consumerUrl !== null) {
    const versionId = (await askConsumer(consumerUrl))?.versionId;
    if (versionId === to.id) {
      return 'new';
    }
    return versionId !== undefined && versionId === situation.from?.id ? 'old' : null;
  }
  const known = situation.deliveries.some(
    ({ bindingId, versionId, level }) => bindingId === id && versionId === to.id && level === 'adopted',
  );
  const { adopted } = target.connector;
  if (known || adopted === undefined) {
    return known ? 'new' : null;
  }
  const entries = entriesFor(fields, to.id, openVersion(to));
  const isNew = await orNothing(
    target.ask(to.id, (_connector, call) => adopted(call, entries)),
    false,
  );
  return isNew ? 'new' : null;
}

/**
 * Looks, during an overlap, who uses which version: by the issuer's own record and by what consumers say. Where every
 * required consumer says so, the new one is in use once all of them use it; else once the issuer has seen it used.
 */
export const lookAtUse: Effect = async (loaded, { bindingId }, { now }) => {
  const { situation, bindings } = loaded;
  const to = requireIncoming(loaded);
  const reporting = bindings.filter(({ reports }) => reports);
  const [issuer, reports] = await Promise.all([
    atIssuer(loaded, to),
    Promise.all(reporting.map(async (binding) => ({ binding, uses: await ofBinding(loaded, binding, to) }))),
  ]);
  const isNew = allReport(situation)
    ? reports.every(({ binding, uses }) => !binding.required || uses === 'new')
    : issuer.new;
  const old = reports.some(({ uses }) => uses === 'old') ? now() : issuer.old;
  const { newSeenAt, oldSeenAt } = situation;
  return {
    bindingId,
    ended: 'waiting',
    seconds: 0,
    commit: {
      patch: {
        rotation: {
          usage_looked_at: now(),
          ...(isNew && newSeenAt === null ? { new_seen_at: now() } : {}),
          ...(old !== null && (oldSeenAt === null || old > oldSeenAt) ? { old_seen_at: old } : {}),
        },
      },
      events: [],
    },
  };
};
