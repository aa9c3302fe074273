import { common } from '#app/_words/common.ts';
import { count, leavesOverlap } from '#app/_words/rotation.ts';
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

/** What the button does, beside it: one sentence, by when the old secret stops working. */
const rotateSentences = {
  atOnce:
    'Rotate {name} ({old} → v{next}) in {environment}; {old} stops working as soon as every required target has the new one.',
  unknown: 'Rotate {name} ({old} → v{next}) in {environment}. Choose how long {old} keeps working.',
  afterUse:
    'Rotate {name} ({old} → v{next}) in {environment}; {old} stops working once the new secret has been in use for long enough, at the latest {end}.',
  until: 'Rotate {name} ({old} → v{next}) in {environment}; {old} stops working {end}.',
  gracedAtOnce:
    'Rotate {name} ({old} → v{next}) in {environment}; the issuer ends {old} about one minute after it makes the new one.',
  gracedUntil:
    'Rotate {name} ({old} → v{next}) in {environment}; the issuer ends {old} {end}, or one minute from now if that is later.',
  prestage:
    'Rotate {name} ({old} → v{next}) in {environment}; consumers go over to NEXT when the issuer takes it, and {old} stops working then.',
  cutOver:
    'Rotate {name} ({old} → v{next}) in {environment}; {old} stops working at once, and consumers are refused for about {gap} s.',
  assisted:
    'Rotate {name} ({old} → v{next}) in {environment}; {old} stops working when you rotate on the vendor’s page.',
} as const;

function sentenceFor({ strategy }: Wanted, { end, breach, none = false, afterUse = false }: Chosen) {
  const atOnce = breach || none;
  switch (strategy) {
    case 'overlap':
      if (atOnce) {
        return rotateSentences.atOnce;
      }
      if (end === null) {
        return rotateSentences.unknown;
      }
      return afterUse ? rotateSentences.afterUse : rotateSentences.until;
    case 'graced':
      if (atOnce) {
        return rotateSentences.gracedAtOnce;
      }
      return end === null ? rotateSentences.unknown : rotateSentences.gracedUntil;
    case 'prestage':
      return rotateSentences.prestage;
    case 'cut-over':
      return rotateSentences.cutOver;
    case 'assisted':
      return rotateSentences.assisted;
  }
}

/** The sentence, and what its places are filled with. */
export function rotateParts(plan: Wanted, nextVersion: number, chosen: Chosen) {
  return {
    sentence: sentenceFor(plan, chosen),
    places: {
      name: plan.credential,
      old: oldName(plan),
      next: String(nextVersion),
      environment: plan.environment,
      end: chosen.end ?? '',
      gap: String(plan.gap.seconds),
    },
  };
}

/** Says in one sentence what the button does. */
export function rotateSentence(plan: Wanted, nextVersion: number, chosen: Chosen): string {
  const { sentence, places } = rotateParts(plan, nextVersion, chosen);
  const given = new Map(Object.entries(places));
  return sentence.replaceAll(/\{(\w+)\}/g, (place, name: string) => given.get(name) ?? place);
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

/** The rotate sheet while its plan is made, or cannot be made. */
export const rotateSheet = {
  title: (name: string) => `Rotate ${name}`,
  planning: 'Making the plan…',
  tryAgain: 'Try again',
};

const allTheSame = 'Rotate all the same';

/** The buttons of the rotate sheet, and why one is off. */
export const rotateForm = {
  rotate: 'Rotate',
  rotateNow: 'Rotate now',
  requestApproval: 'Request approval',
  starting: 'Starting…',
  unanswered:
    'Rekey does not answer, so it is not known whether the rotation started. Close this and look at the list of rotations.',
  off: {
    asking: 'The button comes on once the preflight has answered.',
    unanswered: 'The preflight has no answer. Look again.',
    blocked: 'The preflight found an obstacle. Remove it, then look again.',
    warned: `The preflight has a warning: tick “${allTheSame}” to go on.`,
    noEnd: 'Choose when the old secret ends.',
    nameMissing: 'Type the name to have no overlap.',
  },
};

/** What is found before a rotation. */
export const preflight = {
  title: 'Preflight',
  ready: 'OK',
  warns: 'Warning',
  blocks: 'Blocked',
  notWaitedFor: 'The rotation does not wait for it.',
  whatToDo: (fix: string) => `What to do: ${fix}`,
  asking: 'Asking the issuer and the targets…',
  notAsked: (why: string) => `They could not be asked: ${why}`,
  obstacles: (n: number) =>
    `${count(n, 'obstacle')}: the rotation cannot start as it stands. Nothing was changed.`,
  warnings: (n: number) => `${count(n, 'warning')}, no obstacle.`,
  allReady: 'Everything is ready.',
  lookAgain: 'Look again',
  allTheSame,
};

/** How long the old secret keeps working. */
export const overlapChoice = {
  title: 'Overlap',
  about: (old: string) => `How long ${old} keeps working after every required target has the new secret.`,
  untilSeen: 'Until the new one is seen in use',
  untilSeenEnd: (afterUse: string, latest: string) => `plus ${afterUse}, at the latest ${latest}`,
  custom: 'Custom end',
  none: 'No overlap',
  noneEnd: (old: string) => `${old} ends at once`,
  noneAbout:
    'The old secret is revoked as soon as every required target has the new one. Whoever uses it without being a target is refused from then on.',
  typeName: (name: string) => `Type ${name} to confirm`,
};

/** An overlap of another length than those offered. */
export const customOverlap = {
  end: 'End of the overlap',
  length: 'Length of the overlap',
  unit: 'Unit',
  until: 'until a time',
  wrong: 'An overlap lasts from 1 second to 90 days.',
};

/** Why the rotation is asked for. */
export const breachChoice = {
  breach: 'This secret is in the wrong hands',
  reasonOptional: 'Reason (optional)',
  reasonHint: common.keptInAudit,
  reasonWanted: (environment: string) => `Kept in the audit log; wanted because it is ${environment}.`,
  ticket: 'Ticket (optional)',
};
