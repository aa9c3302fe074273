import { createHash } from 'node:crypto';
import { issuerConnectors } from '#connectors/registry.ts';
import { type Refusal, refusals } from '#core/rotation/batches/batch-rules.ts';
import { expectedDurations } from '#core/rotation/batches/durations.ts';
import { makePlans, type Plan } from '#core/rotation/plan.ts';
import type { Strategy } from '#core/rotation/strategies.ts';
import type { Connection } from '#lib/db.ts';
import { notFound } from '#lib/problem.ts';

/** One credential of a batch that is not started yet. */
export interface PlannedMember {
  credentialId: string;
  credential: string;
  issuer: string;
  environment: string;
  /** Null where it cannot be planned. */
  strategy: Strategy | null;
  approvals: number;
  gap: Plan['gap'] | null;
  /** How long the old version is kept at the most; null where it cannot be planned. */
  graceSeconds: number | null;
  /** So long after the new one was seen in use the overlap ends; null: it lasts as long as that says. */
  graceAfterUseSeconds: number | null;
  /** How long it is expected to be at work, without its overlap. */
  seconds: number;
  measured: boolean;
  issuerId: string;
  issuerConcurrency: number | null;
  /** Why it cannot be rotated now; null where it can. */
  refusal: { code: Refusal; sentence: string } | null;
}

interface FactRow {
  id: string;
  name: string;
  environment: string;
  issuer_id: string;
  issuer: string;
  kind: string;
  paused: keyof typeof pausedNow | null;
  open: boolean;
  in_batch: boolean;
}

// In the order in which the credentials were named.
const FACTS = `
  select c.id, c.name, c.environment, c.issuer_id, i.name as issuer, i.kind, is_paused(c.id) as paused,
         exists (select 1 from rotations r where r.credential_id = c.id and r.outcome is null) as open,
         exists (select 1 from batch_members m join batches b on b.id = m.batch_id
                  where m.credential_id = c.id and m.state = 'waiting' and b.state = 'running') as in_batch
    from unnest($1::uuid[]) with ordinality as w(id, position)
    join credentials c on c.id = w.id join issuers i on i.id = c.issuer_id
   where c.archived_at is null order by w.position`;

const pausedNow = {
  everything: 'Everything is paused.',
  issuer: 'Its issuer is paused.',
  credential: 'It is paused.',
};

function refusalOf(fact: FactRow, plan: Plan | Error | undefined): PlannedMember['refusal'] {
  if (fact.open) return { code: 'rotation_open', sentence: 'It is being rotated already.' };
  if (fact.in_batch) return { code: 'in_batch', sentence: 'It waits in another batch that runs.' };
  if (fact.paused !== null) return { code: 'paused', sentence: pausedNow[fact.paused] };
  return plan === undefined || plan instanceof Error
    ? { code: 'unplannable', sentence: refusals.unplannable }
    : null;
}

/**
 * Names a list as a person saw it: who is in it, how each is rotated and how long its old version is kept, and which are not
 * and why. How long the work takes does not count.
 */
function digestOf(members: readonly PlannedMember[], plans: ReadonlyMap<string, Plan | Error>): string {
  const shown = members.map((member) => {
    const { credentialId, credential, environment, strategy, approvals, refusal } = member;
    const plan = plans.get(credentialId);
    const targets = plan === undefined || plan instanceof Error ? [] : plan.targets.map(({ name }) => name);
    const kept = [member.graceSeconds, member.graceAfterUseSeconds];
    return [credentialId, credential, environment, strategy, targets, approvals, kept, refusal?.code ?? null];
  });
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex');
}

/** What a batch of these credentials would do now, in the order in which they are named, and the digest of that list. */
export async function planMembers(
  on: Connection,
  wish: { credentialIds: readonly string[]; graceSeconds?: number | undefined; requester: string },
): Promise<{ members: PlannedMember[]; digest: string }> {
  const { rows: facts } = await on.query<FactRow>(FACTS, [wish.credentialIds]);
  if (facts.length !== wish.credentialIds.length) {
    throw notFound('credential');
  }
  const { graceSeconds, requester } = wish;
  const plans = await makePlans(
    on,
    facts.map(({ id }) => ({ credentialId: id, graceSeconds, requester })),
  );
  const durationOf = await expectedDurations(
    on,
    facts.map(({ id, issuer_id }) => ({ id, issuerId: issuer_id })),
  );
  const members = facts.map((fact) => {
    const found = plans.get(fact.id);
    const plan = found instanceof Error ? undefined : found;
    return {
      credentialId: fact.id,
      credential: fact.name,
      issuer: fact.issuer,
      environment: fact.environment,
      strategy: plan?.strategy ?? null,
      approvals: plan?.approvals ?? 0,
      gap: plan?.gap ?? null,
      graceSeconds: plan?.graceSeconds ?? null,
      graceAfterUseSeconds: plan?.graceAfterUseSeconds ?? null,
      ...durationOf(fact.id, fact.issuer_id),
      issuerId: fact.issuer_id,
      issuerConcurrency: issuerConnectors.get(fact.kind)?.limits?.concurrency ?? null,
      refusal: refusalOf(fact, found),
    };
  });
  return { members, digest: digestOf(members, plans) };
}
