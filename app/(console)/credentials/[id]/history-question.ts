/*
 * What people ask of a credential's history: what was asked for, changed, shown, found and held. How each rotation went about it, step
 * by step, is on the page of the rotation and, with everything else, in the audit log.
 */
const told = [
  'credential.*',
  'binding.*',
  'consumer.*',
  'policy.*',
  'slot.*',
  'rotation.*',
  'break_glass.*',
  'review.*',
  'reveal.*',
  'drift.*',
  'orphan.*',
  'secret.revealed',
  'secret.revoked',
  'secret.imported',
];

/** The question to the audit log for a credential's history, with or without the steps of its rotations. */
export const historyQuestion = (credentialId: string, withSteps: boolean): string =>
  [`credential:${credentialId}`, ...(withSteps ? [] : told.map((action) => `action:${action}`))].join(' ');
