import { createHash } from 'node:crypto';
import type { TargetCan } from '#connectors/contract.ts';
import { type Level, neededLevel } from '#core/outside/levels.ts';
import { Together } from '#core/outside/open-config.ts';
import { type OpenedIssuer, openIssuer, openTarget } from '#core/outside/open-connector.ts';
import { retryLimits } from '#core/outside/retry-limits.ts';
import { DEFAULT_GRACE_SECONDS } from '#core/rotation/grace.ts';
import { loadPlanned, measuredDeliveries, measuredGaps, type PlannedRow } from '#core/rotation/planned.ts';
import { wantsReason } from '#core/rotation/reason-rule.ts';
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
import { seesNewUse } from '#core/rotation/usage.ts';
import type { Connection } from '#lib/db.ts';
import { notFound } from '#lib/problem.ts';

/** What a rotation would do, told before it does it. */
export interface Plan {
  credentialId: string;
  credential: string;
  issuer: string;
  environment: string;
  /** Whether a person has to say why. */
  reasonRequired: boolean;
  strategy: Strategy;
  why: string;
  steps: { phase: Phase; targets: string[] }[];
  targets: { name: string; kind: string; required: boolean; needs: Level }[];
  fromVersion: number | null;
  /** How long the old version is kept at the most. */
  graceSeconds: number;
  /** So long after the new one was seen in use the overlap ends; null: it lasts as long as the grace period says. */
  graceAfterUseSeconds: number | null;
  /** Whether it can be proven that the new version is in use. */
  seesUse: boolean;
  /** How long a delivery usually takes. */
  deliverySeconds: number;
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

type PlannedBinding = PlannedRow['bindings'][number] & { can: TargetCan };

function estimatedGap(issuer: OpenedIssuer, bindings: readonly PlannedBinding[]): number {
  const deliveries = bindings.filter((binding) => binding.required).map(({ can }) => can.typicalSeconds);
  return issuer.can.propagationSeconds + Math.max(0, ...deliveries);
}

/**
 * The phases that will have something to do, with the targets they are about. An issuer that takes no failed sign-in is not
 * asked whether it refuses the old secret.
 */
function planSteps({ strategy, bindings, issuer }: Draft): Plan['steps'] {
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
    .filter(({ phase, targets }) => phase !== 'clear' && (phase !== 'redeploy' || targets.length > 0))
    .filter(({ phase }) => phase !== 'prove' || issuer.can.failedSignIns !== 'none');
}

/** Where a version would go, in what order, and what must be proven of it there; what is sealed of a place is not in it. */
function deliveriesOf({ bindings }: PlannedRow, { targets }: Pick<Plan, 'targets'>): unknown[] {
  return bindings.map(({ id, target, place, fields, required, canary, readsNext }, index) => {
    return [id, target.id, place, fields, required, canary, readsNext, targets[index]?.needs];
  });
}

function digestOf(
  plan: Omit<Plan, 'digest' | 'gap' | 'deliverySeconds'>,
  deliveries: readonly unknown[],
  requester: string,
): string {
  const { credentialId, strategy, graceSeconds, graceAfterUseSeconds: afterUse, needs } = plan;
  // Who is told, and how often a step is tried, is not what people approve: neither changes what happens to a secret.
  const wanted = [...(needs === null ? [] : [needs]), ...(afterUse === null ? [] : [{ afterUse }])];
  const content = JSON.stringify([credentialId, strategy, deliveries, graceSeconds, requester, ...wanted]);
  return createHash('sha256').update(content).digest('hex');
}

interface Wish {
  credentialId: string;
  /** Left out: what its policy says, or else a day. */
  graceSeconds?: number | undefined;
  /** Null: not at all. Left out together with the grace period: what its policy says. */
  graceAfterUseSeconds?: number | null | undefined;
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

function draft(wish: Wish, row: PlannedRow | undefined, together: Together): Draft {
  if (row === undefined) {
    throw notFound('credential');
  }
  const { id, place, sealed } = row;
  const issuer = openIssuer(row.issuer, { table: 'credentials', id, place, sealed }, together);
  const bindings = row.bindings.map((binding) => {
    const { can } = openTarget(binding.target, { ...binding, table: 'bindings' }, together);
    const reports = binding.reports || can.readBack === 'fetched';
    return { ...binding, can, reports, readsNext: binding.readsNext && canPrestage(can) };
  });
  const strategy = chooseStrategy(issuer.can, issuer.connector.issue !== undefined, bindings);
  return { wish, row, issuer, bindings, strategy };
}

/** What is asked for, or else what the policy says; never more than can be proven, nor beyond the longest end. */
function afterUseOf({ wish, row, strategy }: Draft, seesUse: boolean, graceSeconds: number): number | null {
  const fromPolicy = wish.graceSeconds === undefined ? (row.policy?.afterUse ?? null) : null;
  const wished = wish.graceAfterUseSeconds === undefined ? fromPolicy : wish.graceAfterUseSeconds;
  return strategy === 'overlap' && seesUse && wished !== null && wished < graceSeconds ? wished : null;
}

interface Measured {
  gap: number | undefined;
  delivery: number | undefined;
}

function finish(draft: Draft, { gap: seconds, delivery }: Measured): Plan {
  const { wish, row, issuer, bindings, strategy } = draft;
  const measured = promisesNoGap[strategy] ? 0 : seconds;
  const { policy } = row;
  const least = policy?.needs ?? null;
  const grace = wish.graceSeconds ?? policy?.grace ?? DEFAULT_GRACE_SECONDS;
  const seesUse = seesNewUse({ can: issuer.can, bindings });
  const plan = {
    credentialId: row.id,
    credential: row.name,
    issuer: row.issuer.name,
    environment: row.environment,
    reasonRequired: wantsReason(row.environment),
    strategy,
    why: whyStrategy[strategy],
    steps: planSteps(draft),
    targets: row.bindings.map(({ target: { name, kind }, required, needs }) => ({
      name,
      kind,
      required,
      needs: neededLevel(needs, required, least),
    })),
    fromVersion: row.current,
    graceSeconds: strategy === 'overlap' || strategy === 'graced' ? grace : 0,
    graceAfterUseSeconds: afterUseOf(draft, seesUse, grace),
    seesUse,
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
  const deliverySeconds = Math.round(delivery ?? estimatedGap(issuer, bindings));
  return { ...plan, gap, deliverySeconds, digest: digestOf(plan, deliveriesOf(row, plan), wish.requester) };
}

/**
 * Makes the plans of rotations of different credentials, by their credential, with as many queries as for one. One that
 * cannot be made is the error that says why, and keeps no other from being made.
 */
export async function makePlans(on: Connection, wishes: readonly Wish[]): Promise<Map<string, Plan | Error>> {
  const rows = await loadPlanned(
    on,
    wishes.map(({ credentialId }) => credentialId),
  );
  const plans = new Map<string, Plan | Error>();
  const drafts: Draft[] = [];
  const together = new Together();
  for (const wish of wishes) {
    try {
      drafts.push(draft(wish, rows.get(wish.credentialId), together));
    } catch (error) {
      plans.set(wish.credentialId, error instanceof Error ? error : new Error(String(error)));
    }
  }
  const gaps = await measuredGaps(on, drafts);
  const deliveries = await measuredDeliveries(on, drafts);
  for (const one of drafts) {
    const { id } = one.row;
    plans.set(id, finish(one, { gap: gaps.get(id), delivery: deliveries.get(id) }));
  }
  return plans;
}

/** Makes the plan of one rotation from what is stored. Nothing outside is asked and nothing is changed. */
export async function makePlan(on: Connection, wish: Wish): Promise<Plan> {
  const plan = (await makePlans(on, [wish])).get(wish.credentialId) ?? notFound('credential');
  if (plan instanceof Error) {
    throw plan;
  }
  return plan;
}
