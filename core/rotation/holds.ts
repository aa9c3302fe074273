/** What a person can do about an open rotation. */
export const actions = [
  'resume',
  'retry',
  'try_now',
  'confirm',
  'roll_back',
  'cancel',
  'hold',
  'extend',
  'revoke_now',
  'submit_secret',
  'abandon',
] as const;

export type Action = (typeof actions)[number];

interface HoldEntry {
  sentence: string;
  next: string;
  /** What is safe to do, the first one first; whether a rotation allows it now is for `allowed` to say. */
  actions: readonly Action[];
}

/**
 * Why a rotation waits for a person: one sentence, and what can safely be done. UI, API and docs read this table.
 * `issuer_unhealthy` alone goes on by itself: nothing but an issuer that is called unhealthy, and so probed, holds by it.
 */
export const holds = {
  permission_missing: {
    sentence: 'The issuer or a target refuses what the rotation needs to do.',
    next: 'Grant what the message names, then resume.',
    actions: ['resume', 'roll_back', 'cancel'],
  },
  issuer_unhealthy: {
    sentence: 'The issuer does not answer as it should.',
    next: 'Rekey asks it every half minute and goes on once it answers. See whether it is up and its address is right.',
    actions: ['resume', 'roll_back', 'cancel'],
  },
  issuer_failed: {
    sentence: 'The issuer did not do what the rotation asked of it.',
    next: 'Mend what the message names, then resume: Rekey does not ask again by itself.',
    actions: ['resume', 'roll_back', 'cancel'],
  },
  slot_full: {
    sentence: 'The issuer has no free slot for a new secret.',
    next: 'Remove the secret that the message names at the issuer, then resume.',
    actions: ['resume', 'cancel'],
  },
  target_unhealthy: {
    sentence: 'A target cannot be written.',
    next: 'Repair the target that the message names, then resume.',
    actions: ['resume', 'cancel'],
  },
  delivery_exhausted: {
    sentence: 'The new secret could not be delivered to every required target.',
    next: 'Repair the target that the message names, then resume.',
    actions: ['resume', 'retry', 'confirm', 'roll_back'],
  },
  confirmation_pending: {
    sentence: 'A required target does not confirm that it has the new secret.',
    next: 'See what the target holds, then resume.',
    actions: ['resume', 'retry', 'confirm', 'roll_back'],
  },
  verify_rejected: {
    sentence: 'The issuer refuses the new secret although enough time has passed.',
    next: 'See at the issuer what happened to the client, then resume. If the secret has ended there, rotate again because of a breach.',
    actions: ['resume', 'roll_back'],
  },
  not_provable: {
    sentence: 'The old secret is not proven dead.',
    next: 'See at the issuer whether it still works, and remove it there, then resume.',
    actions: ['resume'],
  },
  outcome_unknown: {
    sentence: 'It is not known whether the last call took effect.',
    next: 'See at the issuer what happened, then resume.',
    actions: ['resume', 'roll_back'],
  },
  usage_seen: {
    sentence: 'The old secret was still used after every required target had the new one.',
    next: 'Find who uses it and have them take the new one: extend the overlap meanwhile. Or revoke it now anyway, or roll back.',
    actions: ['extend', 'roll_back', 'revoke_now'],
  },
  headroom_too_small: {
    sentence: 'Less time is left than the delivery usually takes.',
    next: 'Resume when its window is open for long enough, or cancel it and ask for a longer grace period.',
    actions: ['resume', 'cancel'],
  },
  secret_unusable: {
    sentence: 'The issuer answered with a secret that cannot be used.',
    next: 'See at the issuer what it issued, then resume to issue again.',
    actions: ['resume', 'roll_back'],
  },
  approval_pending: {
    sentence: 'It waits for other people to approve its plan.',
    next: 'An approver opens the plan and decides. Nothing has been changed yet.',
    actions: ['cancel'],
  },
  manual_hold: {
    sentence: 'A person stopped the rotation where it is.',
    next: 'Resume when it may go on.',
    actions: ['resume', 'roll_back', 'cancel'],
  },
  unexpected_error: {
    sentence:
      'Something failed that Rekey did not foresee. Nothing was undone, and nothing goes on by itself.',
    next: 'Read the worker’s log, mend what it names, then resume.',
    actions: ['resume'],
  },
} as const satisfies Record<string, HoldEntry>;

export type Hold = keyof typeof holds;

/** Why a rotation is held, as a sentence; a reason that this version does not know, as it is called. */
export const holdSentence = (hold: string): string =>
  Object.entries(holds).find(([name]) => name === hold)?.[1].sentence ?? hold;

/** Why a scheduled slot did not start. */
export const skips = {
  paused: 'The credential, its issuer or everything is paused.',
  window_missed: 'It was due when an earlier slot had not started yet, and that one was made up for instead.',
  window_closed: 'The policy’s window never opens again.',
  blackout: 'A blackout of the policy reaches over more than a year.',
  min_spacing:
    'Too many rotations were due at its issuer: kept apart as its policy says, it would have started only after its next slot.',
  previous_overlap_open: 'An earlier rotation of this credential was still open.',
  not_approved: 'Nobody approved its plan within three days. The next slot asks again.',
  unplannable:
    'The rotation could not be planned: the policy, the issuer or a target cannot be read. The worker’s log says more.',
} as const;

export type SkipReason = keyof typeof skips;
