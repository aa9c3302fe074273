import { createHash } from 'node:crypto';
import type { TargetCan } from '#connectors/contract.ts';
import {
  type ConfiguredRow,
  type OpenedIssuer,
  openIssuer,
  openTarget,
} from '#core/outside/open-connector.ts';
import {
  canPrestage,
  chooseStrategy,
  type Phase,
  pointOfNoReturn,
  promisesNoGap,
  type Strategy,
  strategies,
  whyStrategy,
} from '#core/rotation/strategies.ts';
import type { Database } from '#lib/db.ts';
import { notFound } from '#lib/problem.ts';

/** What a rotation would do, told before it does it. */
export interface Plan {
  credentialId: string;
  credential: string;
  issuer: string;
  strategy: Strategy;
  why: string;
  steps: { phase: Phase; targets: string[] }[];
  targets: { name: string; kind: string; required: boolean; needs: string }[];
  fromVersion: number | null;
  graceSeconds: number;
  gap: { seconds: number; measured: boolean };
  pointOfNoReturn: string;
  /** How many people beside the requester have to approve it. */
  approvals: number;
  /** Names this plan: another digest means that something changed since it was read. */
  digest: string;
}

interface PlannedRow {
  id: string;
  name: string;
  place: unknown;
  sealed: string | null;
  issuer: ConfiguredRow;
  current: number | null;
  approvals: number;
  bindings: {
    id: string;
    place: unknown;
    sealed: string | null;
    required: boolean;
    needs: string;
    readsNext: boolean;
    target: ConfiguredRow;
  }[];
}

const CONFIGURED = (row: string) =>
  `jsonb_build_object('id', ${row}.id, 'name', ${row}.name, 'kind', ${row}.kind, 'config', ${row}.config, 'sealed', ${row}.sealed)`;

// One question, because it stands between the click and its answer.
const PLANNED = `
  select c.id, c.name, c.place, c.sealed, ${CONFIGURED('i')} as issuer,
         (select n from secret_versions v where v.credential_id = c.id and v.state = 'current') as current,
         coalesce((select p.approvals from policy_assignments a join policies p on p.id = a.policy_id
                    where a.credential_id = c.id and p.archived_at is null), 0) as approvals,
         (select coalesce(jsonb_agg(
                   jsonb_build_object('id', b.id, 'place', b.place, 'sealed', b.sealed, 'required', b.required,
                                      'needs', b.needs, 'readsNext', b.reads_next, 'target', ${CONFIGURED('t')})
                   order by b.canary desc, b.created_at, b.id), '[]')
            from bindings b join targets t on t.id = b.target_id
           where b.credential_id = c.id and b.archived_at is null) as bindings
    from credentials c join issuers i on i.id = c.issuer_id
   where c.id = $1 and c.archived_at is null`;

async function loadPlanned(db: Database, credentialId: string): Promise<PlannedRow> {
  const { rows } = await db.pool.query<PlannedRow>({
    name: 'load_planned',
    text: PLANNED,
    values: [credentialId],
  });
  const [row] = rows;
  if (row === undefined) {
    throw notFound('credential');
  }
  return row;
}

/** The median of the last five measured gaps; null when there is none yet. */
async function measuredGap(db: Database, credentialId: string, strategy: Strategy): Promise<number | null> {
  const { rows } = await db.pool.query<{ seconds: number | null }>(
    `select percentile_cont(0.5) within group (order by seconds) as seconds from (
       select greatest(0, extract(epoch from gap_ended_at - gap_started_at))::float8 as seconds from rotations
        where credential_id = $1 and strategy = $2 and outcome = 'completed' and gap_ended_at is not null
        order by created_at desc limit 5) last`,
    [credentialId, strategy],
  );
  return rows[0]?.seconds ?? null;
}

type PlannedBinding = PlannedRow['bindings'][number] & { can: TargetCan };

function estimatedGap(issuer: OpenedIssuer, bindings: readonly PlannedBinding[]): number {
  const deliveries = bindings.filter((binding) => binding.required).map(({ can }) => can.typicalSeconds);
  return issuer.can.propagationSeconds + Math.max(0, ...deliveries);
}

/** The phases that will have something to do, with the targets they are about. */
function planSteps(strategy: Strategy, bindings: readonly PlannedBinding[]): Plan['steps'] {
  const targetsOf = (phase: Phase) => {
    switch (phase) {
      case 'deliver':
      case 'confirm':
        return bindings;
      case 'redeploy':
        return bindings.filter(({ can }) => can.redeploy === 'call');
      case 'deliver_next':
      case 'confirm_next':
      case 'remove_next':
        return bindings.filter((binding) => binding.readsNext);
      default:
        return [];
    }
  };
  const phases: readonly Phase[] = strategies[strategy];
  // `clear` has work after a breach only, and without targets there is nothing to redeploy.
  return phases
    .map((phase) => ({ phase, targets: targetsOf(phase).map(({ target }) => target.name) }))
    .filter(({ phase, targets }) => phase !== 'clear' && (phase !== 'redeploy' || targets.length > 0));
}

function digestOf(
  plan: Omit<Plan, 'digest' | 'gap'>,
  bindingIds: readonly string[],
  requester: string,
): string {
  const { credentialId, strategy, graceSeconds } = plan;
  const content = JSON.stringify([credentialId, strategy, bindingIds, graceSeconds, requester]);
  return createHash('sha256').update(content).digest('hex');
}

/** Makes the plan of one rotation from what is stored. Nothing outside is asked and nothing is changed. */
export async function makePlan(
  db: Database,
  wish: { credentialId: string; graceSeconds: number; requester: string },
): Promise<Plan> {
  const credential = await loadPlanned(db, wish.credentialId);
  const { id, place, sealed, name } = credential;
  const issuer = openIssuer(credential.issuer, { table: 'credentials', id, place, sealed });
  const bindings = credential.bindings.map((binding) => {
    const { can } = openTarget(binding.target, { ...binding, table: 'bindings' });
    return { ...binding, can, readsNext: binding.readsNext && canPrestage(can) };
  });
  const strategy = chooseStrategy(issuer.can, issuer.connector.issue !== undefined, bindings);
  const measured = promisesNoGap[strategy] ? 0 : await measuredGap(db, id, strategy);
  const targets = credential.bindings.map(({ target, required, needs }) => ({
    name: target.name,
    kind: target.kind,
    required,
    needs,
  }));
  const plan = {
    credentialId: id,
    credential: name,
    issuer: credential.issuer.name,
    strategy,
    why: whyStrategy[strategy],
    steps: planSteps(strategy, bindings),
    targets,
    fromVersion: credential.current,
    graceSeconds: strategy === 'overlap' || strategy === 'graced' ? wish.graceSeconds : 0,
    pointOfNoReturn: pointOfNoReturn(strategy, issuer.can),
    approvals: credential.approvals,
  };
  const gap = {
    seconds: Math.round(measured ?? estimatedGap(issuer, bindings)),
    measured: measured !== null,
  };
  const bindingIds = credential.bindings.map((binding) => binding.id);
  return { ...plan, gap, digest: digestOf(plan, bindingIds, wish.requester) };
}
