import type { Fields, IssuerCan, TargetCan, TargetConnector } from '#connectors/contract.ts';
import { type Level, neededLevel } from '#core/outside/levels.ts';
import { type ConfiguredRow, Together } from '#core/outside/open-config.ts';
import { type Opened, type OpenedIssuer, openIssuer, openTarget } from '#core/outside/open-connector.ts';
import type { Hold } from '#core/rotation/holds.ts';
import type { BindingFact, DeliveryFact, Situation, Step, VersionFact } from '#core/rotation/situation.ts';
import type { Direction, Phase, Strategy } from '#core/rotation/strategies.ts';
import { canPrestage } from '#core/rotation/strategies.ts';
import { closesAt } from '#core/schedule/opening.ts';
import { rulesOf, rulesOfRow } from '#core/schedule/rules.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';

export interface OpenBinding extends BindingFact {
  /** Field of the version → key at the target. */
  readonly fields: Readonly<Record<string, string>>;
  readonly consumerUrl: string | null;
  readonly target: Opened<TargetConnector, TargetCan>;
}

/** A rotation with everything its effects need. */
export interface LoadedRotation {
  readonly situation: Situation;
  readonly issuer: OpenedIssuer;
  readonly bindings: readonly OpenBinding[];
  /** The number that the credential's next version gets. */
  readonly nextVersion: number;
}

/** A row as JSON has it, where times are texts. */
type Told<Row> = {
  [Name in keyof Row]: Row[Name] extends Date | null ? string | Extract<Row[Name], null> : Row[Name];
};

interface RotationRow {
  id: string;
  credential_id: string;
  strategy: Strategy;
  direction: Direction;
  direction_at: Date | null;
  supersedes: string | null;
  phase: Phase;
  phase_at: Date;
  outcome: string | null;
  hold: Hold | null;
  grace_seconds: number;
  grace_after_use_seconds: number | null;
  usage_looked_at: Date | null;
  new_seen_at: Date | null;
  old_seen_at: Date | null;
  delivery_seconds: number;
  needs: Level | null;
  retry_attempts: number;
  retry_seconds: number;
  overlap_ends_at: Date | null;
  gap_started_at: Date | null;
  gap_ended_at: Date | null;
  from_version: string | null;
  to_version: string | null;
}

interface BindingRow {
  id: string;
  place: unknown;
  sealed: string | null;
  fields: Record<string, string>;
  required: boolean;
  canary: boolean;
  needs: Level;
  readsNext: boolean;
  consumerUrl: string | null;
  target: ConfiguredRow;
}

/** What `load_rotation` answers (prisma/sql/): sealed still, and with null for a list without rows. */
export interface StoredRotation {
  now: string;
  rotation: Told<RotationRow>;
  credential: { name: string; place: unknown; sealed: string | null };
  issuer: ConfiguredRow & { health: string; failures: number };
  /** The hours of a scheduled rotation that has changed nothing yet. */
  hours: { window: unknown; blackouts: unknown } | null;
  nextVersion: number;
  versions: Told<VersionFact>[] | null;
  bindings: BindingRow[] | null;
  deliveries: Told<DeliveryFact>[] | null;
  steps: Told<Step>[] | null;
}

function openBinding(row: BindingRow, least: Level | null, together: Together): OpenBinding {
  const { id, place, sealed, fields, required, canary, readsNext, consumerUrl } = row;
  const target = openTarget(row.target, { table: 'bindings', id, place, sealed }, together);
  return {
    id,
    fields,
    required,
    canary,
    needs: neededLevel(row.needs, required, least),
    readsNext: readsNext && canPrestage(target.can),
    redeploys: target.can.redeploy === 'call',
    reports: consumerUrl !== null || target.can.readBack === 'fetched',
    consumerUrl,
    targetName: row.target.name,
    target,
  };
}

/** The values of a version, opened for the step that needs them and not before. */
export function openVersion(version: VersionFact | null): Fields {
  if (version === null) {
    throw new Error('This rotation has no such version yet.');
  }
  return openFields({ table: 'secret_versions', id: version.id, field: 'sealed' }, version.sealed);
}

/** Reads a rotation as it stands. Nothing outside is asked. */
export async function loadRotation(rotationId: string): Promise<LoadedRotation> {
  const { rows } = await db().pool.query<{ stored: StoredRotation | null }>({
    name: 'load_rotation',
    text: 'select load_rotation($1) as stored',
    values: [rotationId],
  });
  const stored = rows[0]?.stored ?? null;
  if (stored === null) {
    throw new Error(`There is no rotation ${rotationId}.`);
  }
  return openRotation(stored);
}

/** Opens what was read of a rotation. */
export function openRotation(stored: StoredRotation): LoadedRotation {
  const { rotation, credential, nextVersion } = stored;
  const { place, sealed } = credential;
  const issuer = openIssuer(stored.issuer, {
    table: 'credentials',
    id: rotation.credential_id,
    place,
    sealed,
  });
  const together = new Together();
  const bindings = (stored.bindings ?? []).map((row) => openBinding(row, rotation.needs, together));
  return { situation: situationOf(stored, issuer.can, bindings), issuer, bindings, nextVersion };
}

const date = (text: string) => new Date(text);
const dateOrNull = (text: string | null) => (text === null ? null : new Date(text));

const versionOf = (row: Told<VersionFact>): VersionFact => ({
  ...row,
  createdAt: date(row.createdAt),
  endsAt: dateOrNull(row.endsAt),
  revokedAt: dateOrNull(row.revokedAt),
});

function closesAtOf({ hours, now }: StoredRotation): Date | null {
  return hours === null ? null : closesAt(date(now), rulesOf(rulesOfRow({ ...hours, jitterSeconds: 0 })));
}

function situationOf(stored: StoredRotation, can: IssuerCan, bindings: readonly OpenBinding[]): Situation {
  const { rotation: row, credential, issuer } = stored;
  const versions = (stored.versions ?? []).map(versionOf);
  const version = (id: string | null) => versions.find((one) => one.id === id) ?? null;
  const ends = [row.from_version, row.to_version];
  const steps = (stored.steps ?? []).map((step) => ({
    ...step,
    intentAt: date(step.intentAt),
    notBefore: dateOrNull(step.notBefore),
  }));
  return {
    now: date(stored.now),
    random: Math.random(),
    rotationId: row.id,
    credentialId: row.credential_id,
    credentialName: credential.name,
    issuer: {
      id: issuer.id,
      name: issuer.name,
      healthy: issuer.health !== 'unhealthy',
      failures: issuer.failures,
    },
    strategy: row.strategy,
    direction: row.direction,
    directionAt: dateOrNull(row.direction_at),
    supersedes: row.supersedes,
    phase: row.phase,
    phaseAt: date(row.phase_at),
    outcome: row.outcome,
    hold: row.hold,
    graceSeconds: row.grace_seconds,
    graceAfterUseSeconds: row.grace_after_use_seconds,
    usageLookedAt: dateOrNull(row.usage_looked_at),
    newSeenAt: dateOrNull(row.new_seen_at),
    oldSeenAt: dateOrNull(row.old_seen_at),
    deliverySeconds: row.delivery_seconds,
    closesAt: closesAtOf(stored),
    retryAttempts: row.retry_attempts,
    retrySeconds: row.retry_seconds,
    overlapEndsAt: dateOrNull(row.overlap_ends_at),
    gapStartedAt: dateOrNull(row.gap_started_at),
    gapEndedAt: dateOrNull(row.gap_ended_at),
    from: version(row.from_version),
    to: version(row.to_version),
    leftovers: versions.filter((one) => !ends.includes(one.id)),
    can,
    bindings,
    deliveries: (stored.deliveries ?? []).map((one) => ({ ...one, updatedAt: date(one.updatedAt) })),
    steps,
    nextSeq: (steps.at(-1)?.seq ?? 0) + 1,
  };
}
