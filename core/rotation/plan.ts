import { createHash } from 'node:crypto';
import type { IssuerCan, IssuerConnector } from '#connectors/contract.ts';
import { type Opened, openIssuer, openTarget } from '#core/outside/open-connector.ts';
import {
  chooseStrategy,
  type Phase,
  phaseAfter,
  pointOfNoReturn,
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
  /** Names this plan: another digest means that something changed since it was read. */
  digest: string;
}

async function loadPlanned(db: Database, credentialId: string) {
  const credential = await db.prisma.credential.findFirst({
    where: { id: credentialId, archivedAt: null },
    include: {
      issuer: true,
      bindings: {
        where: { archivedAt: null },
        include: { target: true },
        orderBy: [{ canary: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
      },
      versions: { where: { state: 'current' } },
    },
  });
  if (credential === null) {
    throw notFound('credential');
  }
  return credential;
}

type Planned = Awaited<ReturnType<typeof loadPlanned>>;

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

function estimatedGap(issuer: Opened<IssuerConnector, IssuerCan>, credential: Planned): number {
  const deliveries = credential.bindings
    .filter((binding) => binding.required)
    .map((binding) => openTarget(binding.target, { ...binding, table: 'bindings' }).can.typicalSeconds);
  return issuer.can.propagationSeconds + Math.max(0, ...deliveries);
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
  const strategy = chooseStrategy(issuer.can, issuer.connector.issue !== undefined);
  const measured = strategy === 'overlap' ? 0 : await measuredGap(db, id, strategy);
  const targets = credential.bindings.map(({ target, required, needs }) => ({
    name: target.name,
    kind: target.kind,
    required,
    needs,
  }));
  const current = credential.versions[0];
  const plan = {
    credentialId: id,
    credential: name,
    issuer: credential.issuer.name,
    strategy,
    why: whyStrategy[strategy],
    steps: strategies[strategy].map((phase) => ({
      phase,
      targets: phase === 'deliver' || phase === 'confirm' ? targets.map((target) => target.name) : [],
    })),
    targets,
    fromVersion: current?.n ?? null,
    graceSeconds: phaseAfter(strategy, 'promote') === 'overlap' ? wish.graceSeconds : 0,
    pointOfNoReturn: pointOfNoReturn[strategy],
  };
  const gap = {
    seconds: Math.round(measured ?? estimatedGap(issuer, credential)),
    measured: measured !== null,
  };
  const bindingIds = credential.bindings.map((binding) => binding.id);
  return { ...plan, gap, digest: digestOf(plan, bindingIds, wish.requester) };
}
