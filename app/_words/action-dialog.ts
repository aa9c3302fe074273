import { common } from '#app/_words/common.ts';

/** The question before an action. */
export const actionDialog = {
  happens: 'What happens',
  stands: 'Where things stand',
  afterwards: 'Afterwards',
  tooLate: 'This cannot be done any more.',
  notNow: 'Not now',
  sending: 'Asking…',
  askSecond: 'Ask a second person',
} as const;

/** What an action needs to be told. */
export const actionFields = {
  howLong: 'How much longer',
  endSoFar: 'So far the overlap ends {end}. Each choice shows the new end.',
  whichTarget: 'Which target has it',
  required: 'required',
  bestEffort: 'best effort',
  reasonOptional: 'Reason (optional)',
  reasonHint: common.keptInAudit,
  typeName: (credential: string) => `Type ${credential} to confirm`,
} as const;
