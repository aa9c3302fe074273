import { common } from '#app/_words/common.ts';
import { graceWords } from '#app/_words/rhythm.ts';
import { eitherRole } from '#app/_words/roles.ts';
import { leavesOverlap, noGapWhy } from '#app/_words/rotation.ts';
import type { Role } from '#core/access/actor.ts';
import type { Plan } from '#core/rotation/plan.ts';

/** How far an approval has come, in the list and on its page. */
export const approvalStanding = {
  asked: '{person} asked {ago}',
  given: (given: number, needed: number) => `${given} of ${needed} approved`,
  until: 'until {end}',
} as const;

/** So many names are said; of more the rest is counted. */
const MOST = 4;

function someOf(names: readonly string[]): string {
  const said = names.length > MOST ? names.slice(0, MOST - 1) : names;
  const rest = names.length - said.length;
  const all = rest === 0 ? said : [...said, `${rest} others`];
  const last = all.at(-1) ?? '';
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')} or ${last}`;
}

/** What is missing, and from whom: for whoever asked, and for everybody who only looks on. */
export const approvalWait = {
  missing: (n: number) => (n === 1 ? 'One approval is missing.' : `${n} approvals are missing.`),
  until: 'It is waited for until {end}.',
  /** `roles` may approve; the names are of those who have not. */
  who: (names: readonly string[], roles: readonly Role[]) =>
    names.length === 0
      ? `Nobody is there who could give it: it takes another person with the role ${eitherRole(roles)}, which an admin can grant.`
      : `${someOf(names)} can give it.`,
  decide: 'Read the plan and decide',
  see: 'See the plan that they read',
} as const;

type Approved = Pick<
  Plan,
  'credential' | 'environment' | 'strategy' | 'fromVersion' | 'graceSeconds' | 'graceAfterUseSeconds' | 'gap'
>;

/** What an approval says yes to, in the words that stand beside its button. */
export function approveSentence(plan: Approved, missing: number): string {
  const { credential, environment, strategy, fromVersion, graceSeconds, graceAfterUseSeconds, gap } = plan;
  const old = fromVersion === null ? 'the old secret' : `v${fromVersion}`;
  const replaces = `${credential} in ${environment} gets a new secret in the place of ${old}.`;
  const end = leavesOverlap(strategy)
    ? graceWords(graceSeconds, graceAfterUseSeconds)
    : (noGapWhy(strategy)?.planned ?? `Consumers are refused for about ${gap.seconds} s.`);
  const last = missing > 1 ? 'Another approval is wanted after yours.' : 'Yours is the last approval.';
  return `${replaces} ${end} ${last}`;
}

/** The list of approvals. */
export const approvalList = {
  title: 'Approvals',
  about: 'What waits for other people to read it and to decide.',
  nothing: 'Nothing waits for an approval.',
  nothingIn: (environment: string) => `Nothing in ${environment} waits for an approval.`,
  whatWaitsHere:
    'A policy can want one or two approvals. Rotations of its credentials wait here until others than the one who asked have read the plan and agreed.',
  showAll: 'Show all approvals',
} as const;

/** The page on which a plan is read and decided. */
export const approvalPage = {
  tab: 'Approval',
  approvals: 'Approvals',
  title: (credential: string) => `Rotate ${credential}`,
  rotation: 'The rotation',
  plan: 'The plan',
  reason: 'Reason:',
  noReason: 'none was given',
  ticket: 'Ticket:',
  waitsNoMore: 'It does not wait for an approval any more.',
  roleNeeded: (roles: readonly Role[]) =>
    `Approving takes the role ${eitherRole(roles)}; an admin can grant it.`,
} as const;

/** The buttons that approve a plan or reject it. */
export const planDecision = {
  title: 'Decide',
  approves: 'You approve:',
  approve: 'Approve this plan',
  approving: 'Approving…',
  offerReject: 'Reject',
  askWhy: 'Why not?',
  reject: 'Reject and cancel the rotation',
  rejecting: 'Rejecting…',
  back: 'Back',
} as const;

/** The two lists of broken glass above the approvals. */
export const glassLists = {
  asked: 'Break glass',
  aboutAsked:
    'Somebody wants the old secret revoked at once, whatever the targets hold. A second person decides.',
  reviews: 'Reviews',
  aboutReviews:
    'Each broken glass is looked at afterwards, by somebody else than who asked where there is one.',
} as const;

/** One card in them. */
export const glassCard = {
  asked: 'Break glass',
  reviewOpen: 'Review open',
  reason: 'Reason:',
} as const;

/** A card that asks for the glass to be broken. */
export const glassAsked = {
  noWayBack: 'It cannot be undone, and there is no way back.',
  until: 'It can be confirmed until {end}.',
  roleNeeded: (roles: readonly Role[]) => `Confirming it takes the role ${eitherRole(roles)}.`,
} as const;

/** A card of a broken glass that is not reviewed yet. */
export const glassReview = {
  brokenAlone: 'The glass was broken {ago}, alone: nobody else was there to confirm it.',
  brokenByTwo: 'The glass was broken {ago}, and {second} confirmed it.',
  brokenAloneUndated: 'The glass was broken, alone: nobody else was there to confirm it.',
  brokenByTwoUndated: (second: string) => `The glass was broken, and ${second} confirmed it.`,
  writeDown: 'Write down what stopped working, and what is done so that it is not needed again.',
  roleNeeded: (roles: readonly Role[]) => `Closing it takes the role ${eitherRole(roles)}.`,
} as const;

/** The buttons that confirm the breaking of a glass, refuse it, or take it back. */
export const glassDecision = {
  confirm: 'Confirm: break glass',
  confirmFor: (credential: string) => `Confirm: break glass for ${credential}`,
  offerRefuse: 'Refuse…',
  askWhyNot: 'Why not?',
  refuse: 'Refuse',
  offerTakeBack: 'Take it back…',
  askWhyTaken: 'Why is it taken back?',
  takeBack: 'Take it back',
  sending: 'Asking…',
} as const;

/** The button that closes the review of a broken glass. */
export const reviewClosing = {
  offer: 'Close the review…',
  offerOf: (credential: string) => `Close the review of ${credential}`,
  askConclusion: 'What came of it?',
  close: 'Close the review',
} as const;

/** The form in which a reason or a conclusion is written down. */
export const glassForm = {
  hint: common.keptInAudit,
  sending: 'Asking…',
  back: 'Back',
} as const;
