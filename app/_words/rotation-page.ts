import type { PhaseState } from '#app/_components/phase-states.ts';
import { listWords } from '#app/_words/rhythm.ts';
import { eitherRole } from '#app/_words/roles.ts';
import { count } from '#app/_words/rotation.ts';
import type { Role } from '#core/access/actor.ts';

/** The page of a rotation, around its parts. */
export const rotationPage = {
  title: 'Rotation',
  lineLost:
    'Live progress has stopped, perhaps because you were signed out. The rotation goes on; reload the page to see it.',
  live: 'live',
  reconnecting: 'reconnecting…',
  resting: 'not live while nobody is here',
  notLive: 'not live',
  mayClose: 'You may close this page: the rotation goes on without it.',
  mayComeBack: 'You may close this page and come back: the rotation waits for the new secret.',
} as const;

/** What is read out when the phase changes. */
export const rotationAnnouncement = {
  ended: (outcome: string) => `Rotation ${outcome}.`,
  back: 'Rolling back.',
  phase: (phase: string) => `Phase: ${phase}.`,
  held: (phase: string) => `Held at ${phase}.`,
  paused: (phase: string) => `Paused at ${phase}.`,
} as const;

/** That a rotation waits because something is paused. */
export const rotationPaused = {
  why: {
    everything: 'Everything is paused, this rotation too.',
    issuer: 'The issuer is paused, so this rotation waits.',
    credential: 'The credential is paused, so this rotation waits.',
  },
  afterwards:
    'It goes on where it stopped once the pause is over. What lacks a secret that works is not kept waiting.',
} as const;

/** The head of the page. */
export const rotationHeader = {
  title: (credential: string) => `Rotation of ${credential}`,
  titleBack: (credential: string) => `Rolling back ${credential}`,
  strategy: (name: string) => `${name} strategy`,
  askedBy: (person: string) => `asked for by ${person}`,
  reason: (reason: string) => `Reason: ${reason}`,
  ticket: (ticket: string) => `Ticket: ${ticket}`,
  audit: 'Audit log of this rotation',
} as const;

/** Why a rotation is held. */
export const rotationHeld = {
  title: (why: string) => `Held: ${why}`,
  newSignIn: 'A sign-in that has expired is entered anew in the settings of what refuses:',
  roleNeeded: (roles: readonly Role[]) =>
    `Resuming takes the role ${eitherRole(roles)}; an admin can grant it.`,
} as const;

/** While a rotation is rolled back. */
export const goingBack = { title: 'Rolling back' } as const;

/** While both versions work. */
export const overlapPanel = {
  title: 'Overlap',
  left: '{time} left',
  paused: 'Paused: the overlap does not end now',
  bothWork: (fresh: string) => `Both secrets work; ${fresh} is current.`,
  issuerEnds: 'The issuer ends {old} by itself {end}.',
  stopsWorking: '{old} stops working {end}.',
  stopsAfterPause: '{old} stops working {end}, or once the pause is over if that is later.',
  endsSooner: (time: string, fresh: string) => `It ends sooner, ${time} after ${fresh} is seen in use.`,
  seen: '{fresh} was seen in use {moment}.',
} as const;

/** The task of an assisted rotation. */
export const awaitSecret = {
  title: 'Your turn: rotate on the vendor’s page',
  titleOther: 'Somebody has to rotate on the vendor’s page',
  open: 'Open the vendor’s page',
  opensTab: '(opens in a new tab)',
  stillWorks: 'Waiting: the current secret still works.',
  /** Before anybody has rotated there. */
  fromThenOn: (old: string) =>
    `From the click on the vendor’s page on, ${old} is refused, and consumers with it until the new secret is pasted here and delivered. So have this page open, and paste at once.`,
  noHurry: 'Until that click nothing is lost: this waits for as long as you need, or can be cancelled.',
  replaced: 'The vendor has replaced it: paste the new secret now.',
  gap: 'Consumers have been refused for {time} (predicted about {seconds} s).',
  lost: 'Is the new secret no longer shown there? Rotate on the vendor’s page once more, and paste that one.',
  roleNeeded: (roles: readonly Role[]) => `Submitting the secret takes the role ${eitherRole(roles)}.`,
} as const;

/** The form that takes the pasted secret. */
export const pasteForm = {
  label: 'New client secret',
  hint: (targets: readonly string[]) =>
    `It is tried at the issuer, then sealed${targets.length === 0 ? '' : `, and delivered to ${listWords(targets)}`}. Trying it can take up to half a minute.`,
  submit: 'Submit',
  trying: 'Trying the new secret…',
  accepted: 'The new secret works and is stored. The rest is automatic.',
} as const;

/** Why a pasted secret is refused before anybody looks at it. */
export const pasteRefused = {
  foreignPage: 'A secret is taken from a page of this Rekey only.',
  nothingPasted: 'Paste the new secret first. Nothing was stored.',
} as const;

/** What can be done about a rotation. */
export const actionsPanel = {
  title: 'Actions',
  roleNeeded: (roles: readonly Role[]) =>
    `Acting on a rotation takes the role ${eitherRole(roles)}; an admin can grant it.`,
  nothing: 'There is nothing else to do about it now.',
} as const;

/** What is said when an action is sent and no answer comes. */
export const sending = {
  unanswered:
    'Rekey does not answer, so it is not known whether this was done. The page shows where the rotation stands.',
} as const;

/** Whether somebody asked to break the glass, and what came of it. */
export const glassNotice = {
  asked:
    '{person} asked to break the glass: {reason} Nothing is revoked by that before a second person confirms it in {approvals}, until {end}.',
  approvals: 'Approvals',
  brokenAlone: (person: string, reason: string) =>
    `The glass was broken by ${person}, alone, because nobody else could confirm it: ${reason}`,
  brokenByTwo: (person: string, second: string, reason: string) =>
    `The glass was broken by ${person}, and ${second} confirmed it: ${reason}`,
  reviewOpen: '{review} is open.',
  review: 'Its review',
  reviewed: 'The glass was broken by {person}: {reason} {reviewer} closed the review: {conclusion}',
  refused: '{person} asked to break the glass; {second} refused: {why} Nothing was revoked by it.',
  lapsed:
    '{person} asked to break the glass, and nobody confirmed it until {end}. Nothing was revoked by it. It can be asked for again.',
} as const;

/** How a rotation ended. */
export const ended = {
  replaced: (fresh: string, old: string) => `${fresh} took the place of ${old}.`,
  replacedAt: (fresh: string, old: string, confirmed: number, targets: number) =>
    `${fresh} took the place of ${old}, confirmed on ${confirmed} of ${count(targets, 'target')}.`,
  took: (time: string) => `It took ${time}.`,
  gap: (time: string, predicted: number) => `The gap was ${time}, predicted about ${predicted} s.`,
  gapUnknown: 'The gap was not measured.',
  gapPossible:
    'The old secret was retired before every required target was confirmed, so there may have been a gap.',
  noGap: 'There was no gap.',
  backTo: (credential: string) => `Back to ${credential}`,
} as const;

/** How long consumers are refused. */
export const gapPanel = {
  title: 'Gap',
  measured: 'measured {time} {prediction}',
  running: 'running for {time}',
  aside: (seconds: number) => `(predicted about ${seconds} s)`,
  predicted: (seconds: number) => `predicted about ${seconds} s`,
  unknown: 'not measured',
  noneExpected: 'none expected',
  none: 'none',
  about: 'From the end of the old secret until every required target has the new one.',
  aboutBack: 'The new secret is retired only after the old one is back.',
} as const;

/** Each target and how surely it has the version that comes in. */
export const deliveries = {
  title: 'Targets',
  nothingBound: 'No target is bound to this credential.',
  unchanged: 'Unchanged',
  notDelivered: 'Not delivered',
  required: (level: string) => `Required, needs ${level}`,
  bestEffort: (level: string) => `Best effort, needs ${level}`,
  again: 'Deliver again',
  againTo: (target: string) => `Deliver again to ${target}`,
} as const;

/** Each state of a phase. */
export const phaseStateWords: Record<PhaseState, string> = {
  done: 'Done',
  running: 'Running',
  waiting: 'Waiting',
  untaken: 'Waiting for a worker',
  held: 'Held',
  paused: 'Paused',
  stopped: 'Stopped',
  'to come': 'To come',
  'not needed': 'Not needed',
  'not reached': 'Not reached',
  'taken back': 'Taken back',
};

/** That the present phase failed and is tried again, before anybody is asked for help. */
export const failing = {
  title: (phase: string) => `${phase} failed, and is tried again by itself.`,
  about: 'Nobody has to act yet. If it goes on failing, the rotation is held and says what can be done.',
  counts: 'It counts as one of the attempts after which the rotation is held.',
  notSooner: (why: string) => `It cannot be tried sooner: ${why}`,
} as const;

/** The phases in their order. */
export const phaseList = {
  title: 'Progress',
  titleBack: 'Progress of the way back',
  titleBefore: 'Before it was turned back',
  list: 'Phases',
  listBack: 'Phases of the way back',
  listBefore: 'Phases before it was turned back',
  attempt: (n: number) => `attempt ${n}`,
  failed: '{attempt}: {error}',
  failedAt: '{attempt} at {target}: {error}',
  failedAttempt: (attempts: string, many: boolean) =>
    many ? `Attempts ${attempts} failed` : `Attempt ${attempts} failed`,
  failedBefore: 'Before it was resumed, this failed',
} as const;

/** When a phase that failed is tried again. */
export const nextTry = {
  later: 'Tried again in {time}.',
  now: 'It is being tried again.',
} as const;
