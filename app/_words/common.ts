/** What stands on many pages alike. */
export const common = {
  all: 'All',
  cancel: 'Cancel',
  checking: 'Checking…',
  close: 'Close',
  copied: 'Copied',
  copy: 'Copy',
  environment: 'Environment',
  name: 'Name',
  noAnswerCheck: 'Rekey does not answer. Check that it is running, then try again.',
  noAnswerReload: 'Rekey does not answer. Reload the page to see what state things are in.',
  reason: 'Reason',
  remove: 'Remove',
  save: 'Save',
  saving: 'Saving…',
};
