import { ConnectorError, type Fields, type Issued, type IssueWish } from '#connectors/contract.ts';
import type { AuditEvent } from '#core/audit/events.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import { describe } from '#core/rotation/describe.ts';
import { LEAST_GRACE_SECONDS } from '#core/rotation/headroom.ts';
import { type LoadedRotation, openVersion } from '#core/rotation/load-rotation.ts';
import { newVersion } from '#core/rotation/new-version.ts';
import { type Effect, nameOf } from '#core/rotation/perform/effect.ts';
import { listTagged, removeTagged } from '#core/rotation/perform/issued-secrets.ts';
import { incoming, outgoing, type Step } from '#core/rotation/situation.ts';
import { sealFields } from '#core/vault/fields.ts';
import { newId } from '#lib/new-id.ts';
import type { Plaintext } from '#lib/plaintext.ts';

const MOST_BYTES = 16_384;

/** Whether an earlier try may have issued a secret whose answer was lost. */
function wasLost({ situation }: LoadedRotation, current: Step): boolean {
  const { steps, direction } = situation;
  return steps.some(
    (step) =>
      step.phase === 'issue' &&
      step.direction === direction &&
      step.seq !== current.seq &&
      step.result !== 'failed',
  );
}

/** The secret of a lost answer, where its value is known or can be read. Null: there is none, or it is unreadable. */
async function findLost(loaded: LoadedRotation, chosen: Fields | null): Promise<Issued | null> {
  const { issuer, situation } = loaded;
  const { readBack } = issuer.connector;
  const [tagged] = await listTagged(loaded, situation.rotationId);
  const { maxLive, tags } = issuer.can;
  // An issuer with one slot and no tags is asked for what the slot holds.
  const externalId = tagged?.externalId ?? (maxLive === 1 && !tags ? situation.from?.externalId : undefined);
  if (chosen !== null) {
    return maxLive > 1 && tagged !== undefined ? { externalId: tagged.externalId, fields: chosen } : null;
  }
  if (readBack === undefined || !issuer.can.readBack || externalId === undefined || externalId === null) {
    return null;
  }
  const fields = await issuer.ask(null, (_connector, call) => readBack(call, externalId));
  const value = fields[issuer.connector.secretField];
  const isOld = value !== undefined && isCurrent(loaded, value);
  return isOld ? null : { externalId: tagged?.externalId ?? `${externalId}#${situation.rotationId}`, fields };
}

function isCurrent({ issuer, situation }: LoadedRotation, value: Plaintext): boolean {
  const { from, direction } = situation;
  return (
    direction === 'forward' &&
    from !== null &&
    openVersion(from)[issuer.connector.secretField]?.equals(value) === true
  );
}

/** Why the issued secret cannot be used; null when it can. */
function fault(loaded: LoadedRotation, issued: Issued, chosen: Fields | null): string | null {
  const { secretField } = loaded.issuer.connector;
  const value = issued.fields[secretField];
  if (value === undefined || value.expose() === '') {
    return 'It answered without a secret.';
  }
  if (isCurrent(loaded, value)) {
    return 'It answered with the secret that is already current.';
  }
  if (chosen !== null && chosen[secretField]?.equals(value) !== true) {
    return 'It was given a value to set and answered with another one.';
  }
  const text = value.expose();
  if (/[\0\r\n]/.test(text)) {
    return 'It answered with a secret that has line ends in it, which targets cannot hold.';
  }
  return Buffer.byteLength(text) > MOST_BYTES
    ? `It answered with a secret longer than ${MOST_BYTES} bytes, which targets cannot hold.`
    : null;
}

/**
 * When the replaced secret stops working, by the database's clock. Where the issuer ends it at a time we set, that
 * time; where it is replaced at once, not later than the issuer's propagation time.
 */
function endOfPrevious(
  { issuer }: LoadedRotation,
  { previousEndsAt }: Issued,
  wish: IssueWish,
  now: Date,
): Date {
  const most =
    wish.previousEndsAt === undefined
      ? new Date(now.getTime() + issuer.can.propagationSeconds * 1000)
      : wish.previousEndsAt;
  const said = previousEndsAt ?? (wish.previousEndsAt === undefined ? now : most);
  return new Date(Math.min(most.getTime(), Math.max(now.getTime(), said.getTime())));
}

function wishOf(
  { situation }: LoadedRotation,
  chosen: Fields | null,
  secretField: string,
  now: Date,
): IssueWish {
  const { strategy, direction, graceSeconds, rotationId } = situation;
  const value = chosen?.[secretField];
  const grace = Math.max(graceSeconds, LEAST_GRACE_SECONDS) * 1000;
  return {
    rotationId,
    ...(value === undefined ? {} : { chosen: value }),
    ...(strategy === 'graced' && direction === 'forward'
      ? { previousEndsAt: new Date(now.getTime() + grace) }
      : {}),
  };
}

/** What the issuer gave, as a commit: the version, the end of the one before it, and the gap where there is one. */
function stored(loaded: LoadedRotation, issued: Issued, oldEndsAt: Date | null): Commit {
  const { situation } = loaded;
  const { credentialId: id, strategy, direction, gapStartedAt, gapEndedAt } = situation;
  const known = incoming(situation);
  const made = known === null ? newVersion(loaded, newId(), issued) : null;
  const named = made?.named ?? (known === null ? { version: 0, fingerprint: '' } : nameOf(known));
  const replaced = outgoing(situation);
  // One slot is named after the rotation in both directions: the old version keeps the name it had.
  const isOthers = direction === 'back' && issued.externalId === replaced?.externalId;
  const row = made?.row ?? {
    id: known?.id ?? '',
    ...(isOthers ? {} : { external_id: issued.externalId }),
    hint: issued.hint ?? null,
    expires_at: issued.expiresAt ?? null,
    ends_at: null,
  };
  const gapBegins = strategy === 'cut-over' && (gapStartedAt === null || gapEndedAt !== null);
  return {
    patch: {
      versions: [
        row,
        ...(oldEndsAt !== null && replaced !== null ? [{ id: replaced.id, ends_at: oldEndsAt }] : []),
      ],
      rotation: {
        ...(direction === 'forward' ? { to_version: row.id } : {}),
        ...(gapBegins ? { gap_started_at: oldEndsAt, gap_ended_at: null } : {}),
      },
      ...(issued.placeSecrets === undefined
        ? {}
        : {
            credential: {
              sealed: sealFields({ table: 'credentials', id, field: 'sealed' }, issued.placeSecrets),
            },
          }),
    },
    events: [{ action: 'secret.issued', ...describe(situation), ...named }],
  };
}

/**
 * Mints the new secret and seals it; the answer exists in memory only until this step's commit. On the way back it
 * sets the old value again. An answer that may have been lost is looked for first.
 */
export const issue: Effect = async (loaded, step, { ready, now }) => {
  const { bindingId } = step;
  const { issuer, situation } = loaded;
  const { issue: mint, secretField } = issuer.connector;
  if (mint === undefined) {
    throw new ConnectorError(`${issuer.name} has no API to issue a secret with.`, 'never');
  }
  const known = incoming(situation);
  const chosen = known === null ? null : openVersion(known);
  const lost = wasLost(loaded, step);
  const found = lost ? await findLost(loaded, chosen) : null;
  const removed: AuditEvent[] =
    lost && found === null ? await removeTagged(loaded, situation.rotationId, ready) : [];
  const wish = wishOf(loaded, chosen, secretField, now());
  if (lost) {
    await ready();
  }
  const issued = found ?? (await issuer.ask(known?.id ?? null, (_connector, call) => mint(call, wish)));
  const unusable = fault(loaded, issued, chosen);
  if (unusable !== null) {
    const message = `${issuer.name}: ${unusable}`;
    return { bindingId, ended: 'failed', failure: { message, retry: 'unknown', hold: 'secret_unusable' } };
  }
  const replaces = issuer.can.maxLive === 1 || situation.strategy === 'graced';
  const oldEndsAt = replaces ? endOfPrevious(loaded, issued, wish, now()) : null;
  const commit = stored(loaded, issued, oldEndsAt);
  return { bindingId, ended: 'done', commit: { ...commit, events: [...removed, ...commit.events] } };
};
