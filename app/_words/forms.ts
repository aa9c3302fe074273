import { eitherRole, roleWord } from '#app/_words/roles.ts';
import type { Role } from '#core/access/actor.ts';
/** The form that one server action takes. */
export const schemaForm = {
  noAnswer:
    'Rekey does not answer, so it is not known whether this was saved. Look at the list, then try again.',
  marks: '* must be filled in',
  correctMarked: 'Nothing was saved. Correct what is marked above.',
  nothingSaved: 'Nothing was saved.',
};

/** The inputs of a connector, drawn from its schema. */
export const schemaFields = {
  rare: (names: string) => `Rarely needed: ${names}`,
  onePerLine: 'One per line.',
  urlExample: 'https://',
  choose: 'Choose…',
  none: 'None',
};

/** The input of a length of time. */
export const lengthInput = {
  unitOf: (label: string) => `${label}: unit`,
  units: { seconds: 'seconds', minutes: 'minutes', hours: 'hours', days: 'days' },
};

/** The question when the first rotation is. */
export const firstRunChoice = {
  nextSlot: 'At the next slot',
  now: 'Now',
  at: 'At a time',
  dayAndTime: 'Day and time',
  dayAndTimeHint: 'By the clock of this browser.',
};

/** The lengths of overlap that are offered. */
export const overlapOptions = { hour: '1 hour', day: '24 hours', threeDays: '3 days', week: '7 days' };

/** The cards of which one is chosen. */
export const choiceCards = {
  find: (n: number) => `Find among ${n}`,
  nothingFound: 'Nothing is called that. Try fewer letters.',
};

/** Which kind of system is being added. */
export const chosenKind = {
  tested: (what: string, day: string) => `Tested against ${what} on ${day}.`,
  testedOnImitation: (what: string, day: string) =>
    `Tested on ${day} against an imitation of ${what}, not against the vendor.`,
  another: 'Choose another kind',
  documentation: 'Documentation (opens a new tab)',
  needs: (needs: string) => `What Rekey’s sign-in needs there: ${needs}`,
};

/** What a list is asked for. */
export const chips = {
  label: 'Filters',
  remove: (name: string, value: string) => `Remove the filter ${name}: ${value}`,
};

/** The ways to a list's other pages. */
export const pages = { label: 'Pages', first: 'First page', next: 'Next page' };

/** The questions to a list that have a name. */
export const savedViews = {
  label: 'Saved views',
  savedBy: (name: string) => `Saved by ${name}`,
  saveThis: 'Save this view',
  rename: (name: string) => `Rename ${name}`,
  remove: (name: string) => `Remove ${name}`,
  name: 'Name of the view, for everybody',
  newName: 'Its new name',
};

/** The button that pauses something and lets it go on, and its question. */
export const pauseControl = {
  pauseIt: (what: string) => `Pause ${what}`,
  letGoOn: (what: string) => `Let ${what} go on`,
  why: (what: string) => `Why is ${what} paused?`,
  whyHint:
    'Nothing starts, and what is under way stops after its step; no consumer is left without a secret that works.',
  pause: 'Pause',
  pausing: 'Pausing…',
  everything: 'everything',
};

/** Asks again who the person is. */
export const stepUpDialog = {
  title: 'Is it still you?',
  about:
    'This changes who may do what, or cannot be undone, so Rekey asks again who you are. It is not asked again for five minutes.',
  proof: 'Your password, or a code of your authenticator',
  again: (name: string) =>
    `You come with ${name} and have neither a password nor an authenticator here: sign in there again. You come back to this page; what you filled in here has to be filled in again.`,
  signInAgain: (name: string) => `Sign in again with ${name}`,
  goOn: 'Go on',
  notNow: 'Not now',
};

/** Says on a form which role it takes. */
export const roleNotice = {
  takes: (roles: readonly Role[], act: string, role: Role) =>
    `It takes the role ${eitherRole(roles)} to ${act}; yours is ${roleWord(role)}. An admin can grant it.`,
};
