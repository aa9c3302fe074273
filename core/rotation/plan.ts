import { createHash } from 'node:crypto';
import type { TargetCan } from '#connectors/contract.ts';
import { type Level, neededLevel } from '#core/outside/levels.ts';
import {
  type ConfiguredRow,
  type OpenedIssuer,
  openIssuer,
  openTarget,
} from '#core/outside/open-connector.ts';
import { retryLimits } from '#core/outside/retry-limits.ts';
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
  targets: { name: string; kind: string; required: boolean; needs: Level }[];
  fromVersion: number | null;
  graceSeconds: number;
  gap: { seconds: number; measured: boolean };
  pointOfNoReturn: string;
  /** How many people beside the requester have to approve it. */
  approvals: number;
  /** The least level of required deliveries that its policy wants; null: each binding says its own. */
  needs: Level | null;
  /** A step that fails is held after so many attempts, or so much time. */
  retry: { attempts: number; seconds: number };
  /** The notifiers that tell of it, by name; empty for all of them. */
  notifiers: string[];
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
  policy: {
    approvals: number;
    needs: Level | null;
    attempts: number;
    seconds: number;
    notifiers: string[] | null;
  } | null;
  bindings: {
    id: string;
    place: unknown;
    sealed: string | null;
    required: boolean;
    needs: Level;
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
         (select jsonb_build_object(
                   'approvals', p.approvals, 'needs', p.needs, 'attempts', p.retry_attempts, 'seconds', p.retry_seconds,
                   'notifiers', (select jsonb_agg(n.name order by n.name) from notifiers n where n.id = any(p.notifier_ids)))
            from policy_assignments a join policies p on p.id = a.policy_id
           where a.credential_id = c.id and p.archived_at is null) as policy,
         (select coalesce(jsonb_agg(
                   jsonb_build_object('id', b.id, 'place', b.place, 'sealed', b.sealed, 'required', b.required,
                                      'needs', b.needs, 'readsNext', b.reads_next, 'target', ${CONFIGURED('t')})
                   order by b.canary desc, b.created_at, b.id), '[]')
            from bindings b join targets t on t.id = b.target_id
           where b.credential_id = c.id and b.archived_at is null) as bindings
    from credentials c join issuers i on i.id = c.issuer_id
   where c.id = any($1::uuid[]) and c.archived_at is null`;

async function loadPlanned(db: Database, ids: readonly string[]): Promise<Map<string, PlannedRow>> {
  const { rows } = await db.pool.query<PlannedRow>({ name: 'load_planned', text: PLANNED, values: [ids] });
  return new Map(rows.map((row) => [row.id, row]));
}

// The median of the last five measured gaps of each; no row where there is none yet.
const MEASURED = `
  select w.credential_id, percentile_cont(0.5) within group (order by last.seconds) as seconds
    from unnest($1::uuid[], $2::text[]) as w(credential_id, strategy)
   cross join lateral (
     select greatest(0, extract(epoch from gap_ended_at - gap_started_at))::float8 as seconds from rotations r
      where r.credential_id = w.credential_id and r.strategy = w.strategy and outcome = 'completed'
        and gap_ended_at is not null
      order by created_at desc limit 5) last
   group by w.credential_id`;

async function measuredGaps(db: Database, drafts: readonly Draft[]): Promise<Map<string, number>> {
  const asked = drafts.filter(({ strategy }) => !promisesNoGap[strategy]);
  if (asked.length === 0) {
    return new Map();
  }
  const { rows } = await db.pool.query<{ credential_id: string; seconds: number }>(MEASURED, [
    asked.map(({ row }) => row.id),
    asked.map(({ strategy }) => strategy),
  ]);
  return new Map(rows.map(({ credential_id: id, seconds }) => [id, seconds]));
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
  const { credentialId, strategy, graceSeconds, needs } = plan;
  // Who is told, and how often a step is tried, is not what people approve: neither changes what happens to a secret.
  const wanted = needs === null ? [] : [needs];
  const content = JSON.stringify([credentialId, strategy, bindingIds, graceSeconds, requester, ...wanted]);
  return createHash('sha256').update(content).digest('hex');
}

interface Wish {
  credentialId: string;
  graceSeconds: number;
  requester: string;
}

/** A plan before its gap is known. */
interface Draft {
  wish: Wish;
  row: PlannedRow;
  issuer: OpenedIssuer;
  bindings: PlannedBinding[];
  strategy: Strategy;
}

function draft(wish: Wish, row: PlannedRow | undefined): Draft {
  if (row === undefined) {
    throw notFound('credential');
  }
  const { id, place, sealed } = row;
  const issuer = openIssuer(row.issuer, { table: 'credentials', id, place, sealed });
  const bindings = row.bindings.map((binding) => {
    const { can } = openTarget(binding.target, { ...binding, table: 'bindings' });
    return { ...binding, can, readsNext: binding.readsNext && canPrestage(can) };
  });
  const strategy = chooseStrategy(issuer.can, issuer.connector.issue !== undefined, bindings);
  return { wish, row, issuer, bindings, strategy };
}

function finish({ wish, row, issuer, bindings, strategy }: Draft, seconds: number | undefined): Plan {
  const measured = promisesNoGap[strategy] ? 0 : seconds;
  const { policy } = row;
  const least = policy?.needs ?? null;
  const plan = {
    credentialId: row.id,
    credential: row.name,
    issuer: row.issuer.name,
    strategy,
    why: whyStrategy[strategy],
    steps: planSteps(strategy, bindings),
    targets: row.bindings.map(({ target: { name, kind }, required, needs }) => ({
      name,
      kind,
      required,
      needs: neededLevel(needs, required, least),
    })),
    fromVersion: row.current,
    graceSeconds: strategy === 'overlap' || strategy === 'graced' ? wish.graceSeconds : 0,
    pointOfNoReturn: pointOfNoReturn(strategy, issuer.can),
    approvals: policy?.approvals ?? 0,
    needs: least,
    retry: {
      attempts: policy?.attempts ?? retryLimits.attempts.most,
      seconds: policy?.seconds ?? retryLimits.seconds.most,
    },
    notifiers: policy?.notifiers ?? [],
  };
  const gap = {
    seconds: Math.round(measured ?? estimatedGap(issuer, bindings)),
    measured: measured !== undefined,
  };
  const bindingIds = row.bindings.map((binding) => binding.id);
  return { ...plan, gap, digest: digestOf(plan, bindingIds, wish.requester) };
}

/**
 * Makes the plans of rotations of different credentials, by their credential, with as many queries as for one. One that
 * cannot be made is the error that says why, and keeps no other from being made.
 */
export async function makePlans(db: Database, wishes: readonly Wish[]): Promise<Map<string, Plan | Error>> {
  const rows = await loadPlanned(
    db,
    wishes.map(({ credentialId }) => credentialId),
  );
  const plans = new Map<string, Plan | Error>();
  const drafts: Draft[] = [];
  for (const wish of wishes) {
    try {
      drafts.push(draft(wish, rows.get(wish.credentialId)));
    } catch (error) {
      plans.set(wish.credentialId, error instanceof Error ? error : new Error(String(error)));
    }
  }
  const gaps = await measuredGaps(db, drafts);
  for (const one of drafts) {
    plans.set(one.row.id, finish(one, gaps.get(one.row.id)));
  }
  return plans;
}

/** Makes the plan of one rotation from what is stored. Nothing outside is asked and nothing is changed. */
export async function makePlan(db: Database, wish: Wish): Promise<Plan> {
  const plan = (await makePlans(db, [wish])).get(wish.credentialId) ?? notFound('credential');
  if (plan instanceof Error) {
    throw plan;
  }
  return plan;
}
