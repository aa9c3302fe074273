import { leavesOverlap } from '#app/_words/rotation.ts';
import type { Plan } from '#core/rotation/plan.ts';

/* What a rotation will do, said beside the button that starts it. */

type Wanted = Pick<Plan, 'credential' | 'environment' | 'strategy' | 'fromVersion' | 'gap'>;

export const oldName = ({ fromVersion }: Pick<Plan, 'fromVersion'>) =>
  fromVersion === null ? 'the old secret' : `v${fromVersion}`;

interface Chosen {
  /** When the old secret stops working, in the reader's zone; null where that is not chosen, or not known. */
  end: string | null;
  breach: boolean;
  /** No overlap was chosen. */
  none?: boolean;
  /** `end` is the longest: it comes sooner once the new secret is seen in use. */
  afterUse?: boolean;
}

function endOfOld(plan: Wanted, { end, breach, none = false, afterUse = false }: Chosen): string {
  const atOnce = breach || none;
  const old = oldName(plan);
  const unknown = `. Choose how long ${old} keeps working.`;
  switch (plan.strategy) {
    case 'overlap':
      if (atOnce) {
        return `; ${old} stops working as soon as every required target has the new one.`;
      }
      if (end === null) {
        return unknown;
      }
      return afterUse
        ? `; ${old} stops working once the new secret has been in use for long enough, at the latest ${end}.`
        : `; ${old} stops working ${end}.`;
    case 'graced':
      if (atOnce) {
        return `; the issuer ends ${old} about one minute after it makes the new one.`;
      }
      return end === null
        ? unknown
        : `; the issuer ends ${old} ${end}, or one minute from now if that is later.`;
    case 'prestage':
      return `; consumers go over to NEXT when the issuer takes it, and ${old} stops working then.`;
    case 'cut-over':
      return `; ${old} stops working at once, and consumers are refused for about ${plan.gap.seconds} s.`;
    case 'assisted':
      return `; ${old} stops working when you rotate on the vendor’s page.`;
  }
}

/** The sentence in its parts, the name and the environment apart. */
export function rotateParts(plan: Wanted, nextVersion: number, chosen: Chosen) {
  return {
    name: plan.credential,
    versions: `(${oldName(plan)} → v${nextVersion})`,
    environment: plan.environment,
    rest: endOfOld(plan, chosen),
  };
}

/** Says in one sentence what the button does. */
export function rotateSentence(plan: Wanted, nextVersion: number, chosen: Chosen): string {
  const { name, versions, environment, rest } = rotateParts(plan, nextVersion, chosen);
  return `Rotate ${name} ${versions} in ${environment}${rest}`;
}

/** What a breach changes. */
export function breachWords({ strategy }: Pick<Plan, 'strategy'>): string {
  const overlap = leavesOverlap(strategy) ? ' There is no overlap.' : '';
  return `A rotation that is under way is ended at once, and this one takes its place; what earlier rotations left working at the issuer is retired first.${overlap} Where it ends another rotation, it cannot be rolled back.`;
}

/** The steps that are left of the plan after a breach: nobody waits for an overlap. */
export const stepsAfter = (breach: boolean, steps: Plan['steps']) =>
  breach ? steps.filter(({ phase }) => phase !== 'overlap') : steps;

/** What stands before the first step of a plan that others have to approve. */
export const approvalsFirst = (approvals: number) =>
  `Nothing is changed before ${approvals === 1 ? 'another person has' : `${approvals} other people have`} approved this plan.`;
