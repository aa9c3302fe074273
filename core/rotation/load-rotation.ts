import type { Fields, TargetCan, TargetConnector } from '#connectors/contract.ts';
import {
  type ConfiguredRow,
  type Opened,
  type OpenedIssuer,
  openIssuer,
  openTarget,
} from '#core/outside/open-connector.ts';
import type { Hold } from '#core/rotation/holds.ts';
import type {
  BindingFact,
  DeliveryFact,
  Level,
  Situation,
  Step,
  VersionFact,
} from '#core/rotation/situation.ts';
import type { Direction, Phase, Strategy } from '#core/rotation/strategies.ts';
import { canPrestage } from '#core/rotation/strategies.ts';
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

interface RotationRow {
  now: Date;
  id: string;
  credential_id: string;
  credential_name: string;
  place: unknown;
  credential_sealed: string | null;
  issuer: ConfiguredRow & { health: string; failures: number };
  strategy: Strategy;
  direction: Direction;
  direction_at: Date | null;
  supersedes: string | null;
  phase: Phase;
  phase_at: Date;
  outcome: string | null;
  hold: Hold | null;
  grace_seconds: number;
  overlap_ends_at: Date | null;
  gap_started_at: Date | null;
  gap_ended_at: Date | null;
  from_version: string | null;
  to_version: string | null;
  next_version: number;
}

interface BindingRow {
  id: string;
  place: unknown;
  sealed: string | null;
  fields: Record<string, string>;
  required: boolean;
  canary: boolean;
  needs: Level;
  reads_next: boolean;
  consumer_url: string | null;
  target: ConfiguredRow;
}

const ROTATION = `
  select rekey_now() as now, r.*, c.name as credential_name, c.place, c.sealed as credential_sealed,
         jsonb_build_object('id', i.id, 'name', i.name, 'kind', i.kind, 'config', i.config, 'sealed', i.sealed,
                            'health', i.health, 'failures', i.failures) as issuer,
         (select coalesce(max(n), 0) + 1 from secret_versions v where v.credential_id = c.id) as next_version
    from rotations r join credentials c on c.id = r.credential_id join issuers i on i.id = c.issuer_id
   where r.id = $1`;

// What a rotation replaces and makes, and what earlier ones left working at the issuer.
const VERSIONS = `
  select v.id, v.n, v.fingerprint, v.state, v.external_id as "externalId", v.sealed, v.created_at as "createdAt",
         v.ends_at as "endsAt", v.revoked_at as "revokedAt"
    from secret_versions v join rotations r on r.credential_id = v.credential_id
   where r.id = $1
     and (v.id in (r.from_version, r.to_version)
          or (v.revoked_at is null and v.external_id is not null and v.state in ('previous', 'discarded')))`;

const BINDINGS = `
  select b.id, b.place, b.sealed, b.fields, b.required, b.canary, b.needs, b.reads_next, b.consumer_url,
         jsonb_build_object('id', t.id, 'name', t.name, 'kind', t.kind, 'config', t.config, 'sealed', t.sealed) as target
    from bindings b join targets t on t.id = b.target_id join rotations r on r.credential_id = b.credential_id
   where r.id = $1 and b.archived_at is null
   order by b.canary desc, b.created_at, b.id`;

const DELIVERIES = `
  select d.version_id as "versionId", d.binding_id as "bindingId", d.slot, d.level, d.updated_at as "updatedAt"
    from deliveries d join rotations r on d.version_id in (r.from_version, r.to_version)
   where r.id = $1`;

const STEPS = `
  select seq, direction, phase, binding_id as "bindingId", attempt, result, intent_at as "intentAt", ref
    from rotation_steps where rotation_id = $1 order by seq`;

function openBinding(row: BindingRow): OpenBinding {
  const { id, place, sealed, fields, required, canary, needs, reads_next: readsNext } = row;
  const target = openTarget(row.target, { table: 'bindings', id, place, sealed });
  return {
    id,
    fields,
    required,
    canary,
    needs,
    readsNext: readsNext && canPrestage(target.can),
    redeploys: target.can.redeploy === 'call',
    consumerUrl: row.consumer_url,
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

async function ask<Row extends object>(name: string, text: string, rotationId: string): Promise<Row[]> {
  const { rows } = await db().pool.query<Row>({ name, text, values: [rotationId] });
  return rows;
}

/** Reads a rotation as it stands. Nothing outside is asked. */
export async function loadRotation(rotationId: string): Promise<LoadedRotation> {
  const [rotations, versions, bindings, deliveries, steps] = await Promise.all([
    ask<RotationRow>('load_rotation', ROTATION, rotationId),
    ask<VersionFact>('load_versions', VERSIONS, rotationId),
    ask<BindingRow>('load_bindings', BINDINGS, rotationId),
    ask<DeliveryFact>('load_deliveries', DELIVERIES, rotationId),
    ask<Step>('load_steps', STEPS, rotationId),
  ]);
  const [row] = rotations;
  if (row === undefined) {
    throw new Error(`There is no rotation ${rotationId}.`);
  }
  const { credential_id: id, place, credential_sealed: sealed } = row;
  const issuer = openIssuer(row.issuer, { table: 'credentials', id, place, sealed });
  const opened = bindings.map(openBinding);
  const rows = { versions, deliveries, steps, bindings: opened, can: issuer.can };
  return { situation: situationOf(row, rows), issuer, bindings: opened, nextVersion: row.next_version };
}

interface Rows extends Pick<Situation, 'can' | 'bindings' | 'deliveries' | 'steps'> {
  versions: readonly VersionFact[];
}

function situationOf(row: RotationRow, rows: Rows): Situation {
  const { versions, ...known } = rows;
  const version = (id: string | null) => versions.find((one) => one.id === id) ?? null;
  const ends = [row.from_version, row.to_version];
  return {
    ...known,
    now: row.now,
    random: Math.random(),
    rotationId: row.id,
    credentialId: row.credential_id,
    credentialName: row.credential_name,
    issuer: {
      id: row.issuer.id,
      name: row.issuer.name,
      healthy: row.issuer.health !== 'unhealthy',
      failures: row.issuer.failures,
    },
    strategy: row.strategy,
    direction: row.direction,
    directionAt: row.direction_at,
    supersedes: row.supersedes,
    phase: row.phase,
    phaseAt: row.phase_at,
    outcome: row.outcome,
    hold: row.hold,
    graceSeconds: row.grace_seconds,
    overlapEndsAt: row.overlap_ends_at,
    gapStartedAt: row.gap_started_at,
    gapEndedAt: row.gap_ended_at,
    from: version(row.from_version),
    to: version(row.to_version),
    leftovers: versions.filter((one) => !ends.includes(one.id)),
    nextSeq: (known.steps.at(-1)?.seq ?? 0) + 1,
  };
}
