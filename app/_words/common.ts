/** What stands on many pages alike. */
export const common = {
  adding: 'Adding…',
  all: 'All',
  cancel: 'Cancel',
  checking: 'Checking…',
  close: 'Close',
  copied: 'Copied',
  copy: 'Copy',
  environment: 'Environment',
  foreignPage: 'A secret is taken from a page of this Rekey only.',
  keptInAudit: 'Kept in the audit log.',
  name: 'Name',
  nameHint: 'As your team calls it.',
  noAnswer: 'Rekey does not answer. Try again.',
  /** Within what says the rest. */
  noAnswerAlone: 'Rekey does not answer.',
  noAnswerCheck: 'Rekey does not answer. Check that it is running, then try again.',
  noAnswerReload: 'Rekey does not answer. Reload the page to see what state things are in.',
  /** Where only a question was asked. */
  noAnswerUnchanged: 'Rekey does not answer. Nothing was changed; check that it is running, then try again.',
  /** Where a change was sent. */
  noAnswerUnknown:
    'Rekey does not answer, so it is not known whether this was done. Reload the page to see what state things are in.',
  reason: 'Reason',
  remove: 'Remove',
  save: 'Save',
  saving: 'Saving…',
};
