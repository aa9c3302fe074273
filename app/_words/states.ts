import type { CredentialOrder, CredentialStateName } from '#core/access/credential-filter.ts';

/** What a list of credentials can be asked for, in the order in which it is offered. */
export const stateWords: Record<CredentialStateName, string> = {
  failing: 'Failing',
  waiting: 'Waiting for a person',
  overdue: 'Overdue',
  due: 'Due in 7 days',
  overlap: 'In overlap',
  rotating: 'Rotating',
  rolling_back: 'Rolling back',
  drifted: 'With findings',
  paused: 'Paused',
  unscheduled: 'Without policy',
  expiring: 'Expiring without policy',
};

export const orderWords: Record<CredentialOrder, string> = {
  name: 'Name',
  age: 'Oldest secret first',
  next: 'Next rotation first',
};
