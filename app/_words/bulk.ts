import { common } from '#app/_words/common.ts';
import { count } from '#app/_words/rotation.ts';

/* What is said of credentials that were chosen from the list. It is loaded once one is chosen, so it stands apart from the list's words. */

/** The bar with the acts. */
export const bulkActs = {
  title: 'What was chosen',
  chosen: (n: number) => `${count(n, 'credential')} chosen`,
  clear: 'Clear',
} as const;

/** The sheet that puts them under a policy or pauses them. */
export const changeSheet = {
  assign: {
    open: 'Assign policy…',
    title: (n: number) => `Assign a policy to ${count(n, 'credential')}`,
    submit: (n: number) => `Assign to ${n}`,
    done: 'Assigned.',
    doneOf: (done: number, all: number) => `Assigned: ${done} of ${all}.`,
  },
  pause: {
    open: 'Pause…',
    title: (n: number) => `Pause ${count(n, 'credential')}`,
    submit: (n: number) => `Pause ${n}`,
    done: 'Paused.',
    doneOf: (done: number, all: number) => `Paused: ${done} of ${all}.`,
  },
  policy: 'Policy',
  choosePolicy: 'Choose a policy',
  aboutPolicy: 'Each rotates first at the policy’s next slot. A policy that a credential has is replaced.',
  aboutPause: 'Nothing of them starts or goes on; no consumer is left without a secret that works.',
  confirm: (n: number) => `Type ${n} to change ${count(n, 'credential')}`,
  refused: 'The others are as they were; each says why.',
  working: 'Working…',
  lost: 'Rekey does not answer, so it is not known which were changed. Close this and look at the list of credentials.',
} as const;

/** The number that is typed before more than five in production are changed. */
export const typedCount = {
  wanted: (n: number) => `Type ${n}`,
  why: 'More than five of them are in production.',
} as const;

/** The sheet that rotates them, until its plan is there. */
export const rotateChosen = {
  open: 'Rotate…',
  title: (n: number) => `Rotate ${count(n, 'credential')}`,
  planning: 'Making the plan…',
  tryAgain: 'Try again',
} as const;

/** The plan of a batch: each credential, and how it is rotated. */
export const plannedMembers = {
  rotated: 'Rotated, in this order',
  left: 'Left as they are',
  noGap: (strategy: string) => `${strategy}: no gap expected.`,
  gap: (strategy: string, gap: string) => `${strategy}: gap ${gap}.`,
  waits: (approvals: number) =>
    approvals === 1 ? 'It waits for an approval.' : `It waits for ${approvals} approvals.`,
} as const;

/** The settings of a batch, and the button that starts it. */
export const batchForm = {
  together: 'At the same time',
  togetherAbout: 'From 1 to 50.',
  overlap: 'Overlap',
  overlapAbout: 'Where both secrets can work.',
  overlaps: {
    policy: 'As each policy says, or a day',
    hour: '1 hour',
    day: '24 hours',
    days: '3 days',
    week: '7 days',
  },
  stop: 'Stop at the first failure',
  stopAbout: 'Nothing more starts once a rotation is held or does not complete. What is under way goes on.',
  reasonAbout: common.keptInAudit,
  confirm: (n: number) => `Type ${n} to rotate ${count(n, 'credential')}`,
  submit: (n: number) => `Rotate ${n}`,
  starting: 'Starting…',
  lost: 'Rekey does not answer, so it is not known whether the batch started. Close this and look at the list of batches.',
} as const;

interface Taken {
  time: string;
  /** The time is that of earlier rotations. */
  measured: boolean;
  /** The old secret of some goes on working for a while. */
  overlaps: boolean;
}

/** What the button of a batch does, in a sentence, and how long that takes in another. */
export const batchSentences = {
  nothing: 'None of them can be rotated now.',
  rotates: (n: number, together: number) =>
    n === 1
      ? `Rotates ${count(n, 'credential')}.`
      : `Rotates ${count(n, 'credential')}, at most ${together} at a time.`,
  takes: ({ time, measured, overlaps }: Taken) => {
    if (measured) {
      return overlaps
        ? `Every new secret is in use in about ${time} (as earlier rotations took); overlaps end later.`
        : `Every new secret is in use in about ${time} (as earlier rotations took).`;
    }
    return overlaps
      ? `Every new secret is in use in about ${time} (an estimate); overlaps end later.`
      : `Every new secret is in use in about ${time} (an estimate).`;
  },
} as const;
