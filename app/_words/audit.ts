import { eitherRole } from '#app/_words/roles.ts';
import { count } from '#app/_words/rotation.ts';
import type { Role } from '#core/access/actor.ts';

/* The audit log: the questions to it, its events, and their proof. */

const grouped = (n: number) => n.toLocaleString('en');

/** The page of the audit log. */
export const auditPage = {
  title: 'Audit',
  about: 'Who did what, when, why, and how it ended. Nothing here is ever changed.',
};

/** Which time the events are from, above the table. */
export const auditRange = {
  name: 'Range:',
  allTime: 'all time, the newest first.',
  since: 'from {from}, the newest first.',
  until: 'until {until}, the newest first.',
  between: 'from {from} until {until}, the newest first.',
  onThisPage: 'On this page: {oldest} to {newest}.',
} as const;

/** In place of the table, where there is no event. */
export const noEvents = {
  nothingYet: 'Nothing has happened yet.',
  whatComes: 'Every change that people, schedules and workers make is recorded here.',
  noneFits: 'No event fits this question.',
  noCredential: (names: readonly string[]) => `There is no credential called ${names.join(' or ')}.`,
  noEnvironment: (names: readonly string[]) =>
    `There is no credential in the environment ${names.join(' or ')}.`,
  clear: 'Clear the question',
};

/** The links below the table. */
export const auditPages = {
  label: 'Pages',
  newest: 'Newest',
  newer: 'Newer',
  older: 'Older',
  oldest: 'Oldest',
};

/** The parts of the question, each with a way to leave it out. */
export const questionParts = {
  label: 'Parts of the question',
  leaveOut: (part: string) => `Leave out ${part}`,
  clearAll: 'Clear all',
};

/** Times that people often ask for. */
export const timeRanges = {
  today: 'Today',
  lastDays: (days: number) => count(days, 'day'),
  allTime: 'All time',
};

/** The line that asks. */
export const queryBar = {
  about: 'Audit events',
  question: 'Question',
  example: 'actor:anna@example.com action:rotation.* created:2026-11-01..',
  suggestions: 'Suggestions',
  search: 'Search',
  help: 'Help with questions',
};

/** What a question can consist of, below the line that asks. */
export const queryHelp = {
  parts:
    'Every part of the question must hold. Several parts with the same name mean any of them. What has no name in front is searched for as text: each word is the beginning of a word in the event, such as the name of a target, a reason or an error.',
  quotes: 'Values with spaces stand in double quotes: {example}.',
  quotesExample: 'actor:"Anna Smith"',
  keys: 'In the table the arrow keys, J and K move from event to event, and Enter opens one.',
} as const;

/** The buttons that take events along as a file. */
export const auditExports = {
  csv: 'Export CSV',
  jsonl: 'Export JSONL',
  ofRotation: 'Evidence of this rotation',
  ofCredential: 'Evidence of this credential',
};

/** Why an export was not made. */
export const exportRefusals = {
  foreignPage: 'Exports are asked for on a page of this Rekey only. Nothing was exported.',
  failed: 'Something failed on our side; the log has the details. Nothing was exported.',
};

/** The link to events that came since the page was made. */
export const newerEvents = {
  link: (events: number, more: boolean) => `${events}${more ? '+' : ''} new`,
};

/** Where the log is streamed to, and how far. */
export const collectorList = {
  title: 'Streamed to',
  failing: 'Takes nothing',
  upToDate: 'Has everything',
  behind: 'Being sent',
  waitingOne: 'One sealed event to send, of {since}.',
  waiting: '{events} sealed events to send, the first of {since}.',
  neverSent: 'Nothing was sent yet.',
  sentLast: 'Sent last {at}.',
  triedAgain: 'It is tried again; nothing is lost.',
} as const;

/** The table of events. */
export const eventTable = {
  label: 'Audit events',
  caption: 'Audit events, the newest first',
  time: 'Time',
  actor: 'Actor',
  action: 'Action',
  object: 'Object',
  outcome: 'Outcome',
};

/** How an event ended. */
export const eventOutcome = {
  failure: 'Failure',
  success: 'Success',
};

/** One event at the side of the table. */
export const eventSheet = {
  above: 'The event above',
  below: 'The event below',
  ownPage: 'This event on a page of its own',
};

/** The page of one event. */
export const eventPage = {
  title: 'Audit event',
  log: 'Audit',
  about: (id: string) => `Event ${id}`,
  stored: 'What is stored',
  around: 'Events around this one',
  before: 'The one before',
  after: 'The one after',
};

/** Everything that is stored of one event. */
export const eventDetails = {
  time: 'Time',
  actor: 'Actor',
  action: 'Action',
  outcome: 'Outcome',
  changes: 'Changes',
  change: '{field}: from {from} to {to}',
  credential: 'Credential id',
  rotation: 'Rotation',
  itsEvents: 'Its events',
  bothWork: 'Both secrets still work.',
  rollBack: 'Roll back…',
  request: 'Request',
  leafHash: 'Leaf hash',
  rawJson: 'Raw JSON',
  yes: 'yes',
  no: 'no',
  none: 'none',
} as const;

/** Whether an event is in the sealed log. */
export const eventSeal = {
  title: 'Seal',
  place:
    'Number {number} of the sealed log, in batch {batch}, sealed {at} with the key {key}. Its body leads to the root that was signed.',
  fault: (fault: string) => `This event is not as it was sealed: ${fault}. Verify the whole log.`,
  proof: 'Proof, to keep',
} as const;

/** The panel in which the log is verified. */
export const verifyPanel = {
  title: 'Proof',
  about:
    'Events are sealed within a second in signed batches, each chained to the one before, and told to witnesses. To verify recomputes all of it.',
  whoMay: (roles: readonly Role[]) => `It takes the role ${eitherRole(roles)}.`,
  verify: 'Verify',
  verifying: 'Verifying…',
  reading: 'Reading the log…',
  progress: (events: string, of: string) => `${events} of ${of} events`,
};

/** Why a verification did not come to an end. */
export const verifyRefusals = {
  foreignPage: 'The audit log is verified from a page of this Rekey only.',
  failed: 'The verification failed on our side; the log has the details. Nothing was changed.',
};

/** What a verification found. */
export const verifyFound = {
  nothingSealed: 'Nothing is sealed yet, so there is nothing to verify.',
  allSealed: (events: number) =>
    events === 1
      ? 'The one sealed event is as it was written, and none is missing.'
      : `All ${grouped(events)} sealed events are as they were written, and none is missing.`,
  allAttached: (events: number) =>
    events === 1
      ? 'The one sealed event that was not detached is as it was written, and none is missing.'
      : `All ${grouped(events)} sealed events that were not detached are as they were written, and none is missing.`,
  altered: (what: string, where: string) => `The audit log was altered: ${what} (${where}).`,
  before: (events: number) =>
    events === 1
      ? 'The one event before it is as it was written. Keep the database as it is, and compare with a backup.'
      : `The ${grouped(events)} events before it are as they were written. Keep the database as it is, and compare with a backup.`,
  event: (id: string) => `event ${id}`,
  place: (seq: number) => `place ${seq} of the sealed order`,
  batch: (batch: number) => `batch ${batch}`,
  sealedThrough: 'Sealed through place {place} (batch {batch}), {at}.',
  notSealed: (events: number) => `Not sealed yet, and not proven: ${events}.`,
  detached: 'Places {first} to {last}: bodies detached on {at} by {by}; hashes verified.',
  waitingOne: 'One event waits to be sealed, since {since}. Is a worker running?',
  waiting: '{events} events wait to be sealed, the oldest since {since}. Is a worker running?',
} as const;

/** What each witness says of the log. */
export const witnessList = {
  label: 'Witnesses',
  agrees: 'Agrees',
  differs: 'Differs',
  empty: 'Holds nothing',
  not_asked: 'Can be told, not asked',
  no_answer: 'Does not answer',
  weaker: 'The weaker proof: it lies on a disk of Rekey’s own.',
  through: (batch: number) => `Through batch ${batch}.`,
};
