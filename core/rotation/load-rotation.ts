import type { Fields, IssuerCan, IssuerConnector, TargetCan, TargetConnector } from '#connectors/contract.ts';
import { type ConfiguredRow, type Opened, openIssuer, openTarget } from '#core/outside/open-connector.ts';
import type { BindingFact, Level, Situation, Step, VersionFact } from '#core/rotation/situation.ts';
import type { Phase, Strategy } from '#core/rotation/strategies.ts';
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
  readonly issuer: Opened<IssuerConnector, IssuerCan>;
  readonly bindings: readonly OpenBinding[];
  readonly fromExternalId: string | null;
  readonly toExternalId: string | null;
  /** The number that the credential's next version gets. */
  readonly nextVersion: number;
  /** Opened for the step that needs them, and not before. */
  openFrom(): Fields;
  openTo(): Fields;
}

interface RotationRow {
  now: Date;
  id: string;
  credential_id: string;
  credential_name: string;
  place: unknown;
  credential_sealed: string | null;
  issuer: ConfiguredRow;
  strategy: Strategy;
  phase: Phase;
  phase_at: Date;
  grace_seconds: number;
  overlap_ends_at: Date | null;
  gap_started_at: Date | null;
  gap_ended_at: Date | null;
  from_version: string | null;
  to_version: string | null;
  next_seq: number;
  next_version: number;
}

interface VersionRow extends VersionFact {
  external_id: string | null;
  sealed: string;
  created_at: Date;
}

interface BindingRow {
  id: string;
  place: unknown;
  sealed: string | null;
  fields: Record<string, string>;
  required: boolean;
  needs: Level;
  consumer_url: string | null;
  level: Level | null;
  target: ConfiguredRow;
}

const ROTATION = `
  select rekey_now() as now, r.*, c.name as credential_name, c.place, c.sealed as credential_sealed,
         jsonb_build_object('id', i.id, 'name', i.name, 'kind', i.kind, 'config', i.config, 'sealed', i.sealed) as issuer,
         (select coalesce(max(seq), 0) + 1 from rotation_steps s where s.rotation_id = r.id) as next_seq,
         (select coalesce(max(n), 0) + 1 from secret_versions v where v.credential_id = c.id) as next_version
    from rotations r join credentials c on c.id = r.credential_id join issuers i on i.id = c.issuer_id
   where r.id = $1`;

const BINDINGS = `
  select b.id, b.place, b.sealed, b.fields, b.required, b.needs, b.consumer_url, d.level,
         jsonb_build_object('id', t.id, 'name', t.name, 'kind', t.kind, 'config', t.config, 'sealed', t.sealed) as target
    from bindings b join targets t on t.id = b.target_id
    left join deliveries d on d.binding_id = b.id and d.version_id = $2 and d.slot = 'primary'
   where b.credential_id = $1 and b.archived_at is null
   order by b.canary desc, b.created_at, b.id`;

// Resuming moves phase_at, so that the steps before it do not count as attempts any more.
const STEPS = `
  select seq, phase, binding_id as "bindingId", attempt, result, intent_at >= $3 as counts from rotation_steps
   where rotation_id = $1 and phase = $2 order by seq`;

async function loadVersions(ids: readonly (string | null)[]): Promise<Map<string, VersionRow>> {
  const { rows } = await db().pool.query<VersionRow>(
    'select id, n, fingerprint, state, external_id, sealed, created_at from secret_versions where id = any($1)',
    [ids.filter((id) => id !== null)],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function openBinding(row: BindingRow): OpenBinding {
  const { id, place, sealed, fields, required, needs, level } = row;
  return {
    id,
    fields,
    required,
    needs,
    level,
    consumerUrl: row.consumer_url,
    targetName: row.target.name,
    target: openTarget(row.target, { table: 'bindings', id, place, sealed }),
  };
}

const fact = ({ id, n, fingerprint, state }: VersionRow): VersionFact => ({ id, n, fingerprint, state });

function opener(version: VersionRow | undefined): () => Fields {
  return () => {
    if (version === undefined) {
      throw new Error('This rotation has no such version yet.');
    }
    return openFields({ table: 'secret_versions', id: version.id, field: 'sealed' }, version.sealed);
  };
}

/** Reads a rotation as it stands. Three questions to the database, none to the outside. */
export async function loadRotation(rotationId: string): Promise<LoadedRotation> {
  const { pool } = db();
  const row = (await pool.query<RotationRow>(ROTATION, [rotationId])).rows[0];
  if (row === undefined) {
    throw new Error(`There is no rotation ${rotationId}.`);
  }
  const [versions, bindings, steps] = await Promise.all([
    loadVersions([row.from_version, row.to_version]),
    pool.query<BindingRow>(BINDINGS, [row.credential_id, row.to_version]),
    pool.query<Step>(STEPS, [rotationId, row.phase, row.phase_at]),
  ]);
  const from = versions.get(row.from_version ?? '');
  const to = versions.get(row.to_version ?? '');
  const { credential_id: id, place, credential_sealed: sealed } = row;
  const issuer = openIssuer(row.issuer, { table: 'credentials', id, place, sealed });
  const opened = bindings.rows.map(openBinding);
  return {
    situation: {
      now: row.now,
      random: Math.random(),
      rotationId: row.id,
      credentialId: id,
      credentialName: row.credential_name,
      strategy: row.strategy,
      phase: row.phase,
      phaseAt: row.phase_at,
      graceSeconds: row.grace_seconds,
      overlapEndsAt: row.overlap_ends_at,
      gapStartedAt: row.gap_started_at,
      gapEndedAt: row.gap_ended_at,
      from: from === undefined ? null : fact(from),
      to: to === undefined ? null : fact(to),
      issuedAt: to?.created_at ?? null,
      can: issuer.can,
      bindings: opened.map(({ id, targetName, required, needs, level }) => ({
        id,
        targetName,
        required,
        needs,
        level,
      })),
      steps: steps.rows,
      nextSeq: row.next_seq,
    },
    issuer,
    bindings: opened,
    fromExternalId: from?.external_id ?? null,
    toExternalId: to?.external_id ?? null,
    nextVersion: row.next_version,
    openFrom: opener(from),
    openTo: opener(to),
  };
}
