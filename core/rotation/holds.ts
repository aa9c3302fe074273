/** Why a rotation waits for a person: one sentence, and what can safely be done. UI, API and docs read this table. */
export const holds = {
  permission_missing: {
    sentence: 'The issuer or a target refuses what the rotation needs to do.',
    next: 'Grant what the message names, then resume.',
  },
  issuer_unhealthy: {
    sentence: 'The issuer does not answer as it should.',
    next: 'See whether the issuer is up and its address is right, then resume.',
  },
  slot_full: {
    sentence: 'The issuer has no free slot for a new secret.',
    next: 'Remove the secret that the message names at the issuer, then resume.',
  },
  target_unhealthy: {
    sentence: 'A target cannot be written.',
    next: 'Repair the target that the message names, then resume.',
  },
  delivery_exhausted: {
    sentence: 'The new secret could not be delivered to every required target.',
    next: 'Repair the target that the message names, then resume.',
  },
  confirmation_pending: {
    sentence: 'A required target does not confirm that it has the new secret.',
    next: 'See what the target holds, then resume.',
  },
  verify_rejected: {
    sentence: 'The issuer refuses the new secret although enough time has passed.',
    next: 'See at the issuer what happened to the client, then resume.',
  },
  not_provable: {
    sentence: 'The old secret still works after it was retired.',
    next: 'Remove it at the issuer, then resume.',
  },
  outcome_unknown: {
    sentence: 'It is not known whether the last call took effect.',
    next: 'See at the issuer what happened, then resume.',
  },
  unexpected_error: {
    sentence:
      'Something failed that Rekey did not foresee. Nothing was undone, and nothing goes on by itself.',
    next: 'Read the worker’s log, mend what it names, then resume.',
  },
} as const;

export type Hold = keyof typeof holds;
