import { lengthWords } from '#app/_words/rhythm.ts';
import { eitherRole } from '#app/_words/roles.ts';
import { count } from '#app/_words/rotation.ts';
import type { Role } from '#core/access/actor.ts';

const inUse = (done: number, of: number) => `${done} of ${of} have their new secret in use`;

/** The list of batches. */
export const batchList = {
  title: 'Batches',
  about: 'Many credentials rotated for one reason, a few at a time.',
  rotations: 'Rotations',
  views: 'Views',
  running: 'Running',
  stopped: 'Stopped',
  completed: 'Completed',
  showAll: 'Show all batches',
  nothingYet: 'There was no batch yet.',
  nothingInView: 'No batch is here.',
  howToBegin: 'Choose credentials in {list}, then Rotate.',
  credentials: 'the list of credentials',
} as const;

/** The table in the list of batches. */
export const batchTable = {
  caption: 'Batches',
  columns: {
    reason: 'Reason',
    state: 'State',
    inUse: 'New secret in use',
    failed: 'Failed',
    startedBy: 'Started by',
    began: 'Began',
    ended: 'Ended',
  },
  inUse: (done: number, of: number) => `${done} of ${of}`,
  by: (person: string) => `Started by ${person}`,
  failures: (failed: number) => `${failed} failed`,
} as const;

/** Where a batch stands, on its badge. */
export const batchState = {
  running: 'Running',
  stopped: 'Stopped',
  completed: 'Completed',
  completedWithFailures: (failed: number) => `Completed, ${failed} failed`,
} as const;

/** The page of a batch. */
export const batchPage = {
  title: 'Batch',
  batches: 'Batches',
  stopsAtFailure: (credentials: number, atOnce: number) =>
    `${count(credentials, 'credential')}, at most ${atOnce} at a time; stops at the first failure.`,
  goesOnAfterFailure: (credentials: number, atOnce: number) =>
    `${count(credentials, 'credential')}, at most ${atOnce} at a time; goes on after a failure.`,
  overlaps: (graceSeconds: number | null) => {
    if (graceSeconds === null) {
      return 'Overlaps last as each policy says, or a day.';
    }
    return graceSeconds === 0 ? 'There are no overlaps.' : `Overlaps last ${lengthWords(graceSeconds)}.`;
  },
  started: 'Started by {person} {ago}.',
  announcement: (state: 'running' | 'stopped' | 'completed', done: number, of: number) =>
    `${batchState[state]}. ${inUse(done, of)}.`,
  mayClose: 'You may close this page: the batch goes on without it.',
} as const;

/** How far a batch has come, on its page. */
export const batchProgress = {
  title: 'Progress',
  inUse,
  left: (time: string) => `about ${time} left`,
  bar: 'New secrets in use',
  barText: (done: number, of: number) => `${done} of ${of}`,
  others: {
    working: (n: number) => `${n} at work`,
    needs_people: (n: number) => `${n} waiting for people`,
    waiting: (n: number) => `${n} not started`,
    failed: (n: number) => `${n} failed`,
    skipped: (n: number) => `${n} skipped`,
  },
  nothingToStart: 'Nothing is left to start. The batch is completed once the last overlap is over.',
} as const;

/** Stopping a batch, and letting it go on. */
export const batchControl = {
  roleNeeded: (roles: readonly Role[]) =>
    `Stopping a batch, or letting it go on, takes the role ${eitherRole(roles)}.`,
  goOn: (n: number) => `Go on with ${count(n, 'credential')}`,
  goingOn: 'Going on…',
  failuresStay: 'What failed stays as it is until you deal with its rotation.',
  offerStop: 'Stop',
  askWhy: 'Why is the batch stopped?',
  stopDoes: 'Nothing more starts; what is at work goes on to its end.',
  stop: 'Stop the batch',
  stopping: 'Stopping…',
} as const;

/** The credentials of a batch, on its page. */
export const batchMembers = {
  title: 'Credentials',
  completed: 'Completed',
  failed: 'Failed',
  held: 'Held',
  skipped: 'Skipped',
  waitsForSecret: 'Waits for the new secret',
  waitsForApproval: 'Waits for approval',
  notStarted: 'Not started',
  paused: 'Not started: paused',
  overlapLeft: '{time} left',
  rotation: 'Rotation',
  rotationOf: (credential: string) => `of ${credential}`,
} as const;
