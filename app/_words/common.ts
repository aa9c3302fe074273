/** What stands on many pages alike. */
export const common = {
  all: 'All',
  cancel: 'Cancel',
  close: 'Close',
  copied: 'Copied',
  copy: 'Copy',
  environment: 'Environment',
  name: 'Name',
  reason: 'Reason',
  remove: 'Remove',
  save: 'Save',
  saving: 'Saving…',
};
