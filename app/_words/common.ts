/** What stands on many pages alike. */
export const common = {
  all: 'All',
  cancel: 'Cancel',
  checking: 'Checking…',
  close: 'Close',
  copied: 'Copied',
  copy: 'Copy',
  environment: 'Environment',
  foreignPage: 'A secret is taken from a page of this Rekey only.',
  name: 'Name',
  noAnswerCheck: 'Rekey does not answer. Check that it is running, then try again.',
  noAnswerReload: 'Rekey does not answer. Reload the page to see what state things are in.',
  noAnswer: 'Rekey does not answer. Try again.',
  reason: 'Reason',
  remove: 'Remove',
  save: 'Save',
  saving: 'Saving…',
};
