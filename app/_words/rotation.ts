import type { Phase, Strategy } from '#core/rotation/strategies.ts';

/* The console's words, in one place. */

/** Each phase: its name and what it does. */
export const phaseWords: Record<Phase, { name: string; does: string }> = {
  preflight: { name: 'Preflight', does: 'See that the issuer answers and that every target can be written.' },
  clear: { name: 'Clear', does: 'Retire at the issuer what an earlier rotation left working.' },
  deliver_next: { name: 'Deliver NEXT', does: 'Put the new value beside the one in use, at every target.' },
  confirm_next: {
    name: 'Confirm NEXT',
    does: 'Wait until every required target holds it beside the old one.',
  },
  await_secret: {
    name: 'Await secret',
    does: 'A person rotates on the vendor’s page and pastes the new secret here.',
  },
  issue: { name: 'Issue', does: 'The issuer makes the new secret; it is sealed at once.' },
  verify: { name: 'Verify', does: 'Sign in with the new secret.' },
  deliver: { name: 'Deliver', does: 'Put the new secret into every target.' },
  redeploy: { name: 'Redeploy', does: 'Have the targets take up what was delivered.' },
  confirm: { name: 'Confirm', does: 'Wait until every required target has it.' },
  promote: { name: 'Promote', does: 'Make the new version the current one.' },
  overlap: { name: 'Overlap', does: 'Both secrets work.' },
  revoke: { name: 'Revoke', does: 'Retire the old secret at the issuer.' },
  prove: { name: 'Prove', does: 'Sign in with the old secret and see it refused.' },
  remove_next: { name: 'Remove NEXT', does: 'Take NEXT away from the targets again.' },
};

/** What a phase does on the way back, where that is something else. */
export const backPhaseWords: Partial<Record<Phase, string>> = {
  deliver_next: 'Put the old value beside the new one, at every target that has the new one.',
  confirm_next: 'Wait until they hold it.',
  issue: 'The issuer takes the old value again.',
  verify: 'Sign in with the old secret.',
  deliver: 'Put the old secret back into every target that has the new one.',
  confirm: 'Wait until every required target has it.',
  promote: 'The old version is current again; the new one is discarded.',
  revoke: 'Retire the new secret at the issuer.',
  prove: 'Sign in with the new secret and see it refused.',
};

export const strategyWords: Record<Strategy, string> = {
  overlap: 'Overlap',
  graced: 'Graced',
  prestage: 'Prestage',
  'cut-over': 'Cut-over',
  assisted: 'Assisted',
};

/** What no strategy without a gap leaves open: whether a consumer is ever without a secret that works. */
const noGapWords: Partial<Record<Strategy, { planned: string; ended: string }>> = {
  overlap: {
    planned: 'Both secrets work until the overlap ends.',
    ended: 'Both secrets worked until the overlap ended.',
  },
  graced: {
    planned: 'Both secrets work until the issuer ends the old one by itself.',
    ended: 'Both secrets worked until the issuer ended the old one.',
  },
  prestage: {
    planned: 'Every required consumer holds both values when the issuer goes over to the new one.',
    ended: 'Every required consumer held both values when the issuer went over to the new one.',
  },
};

/** Whether the strategy promises that no consumer is ever without a secret that works. */
export const isGapFree = (strategy: string) => noGapWhy(strategy) !== undefined;

/** Why there is no gap, before and after; undefined where the strategy has one. */
export const noGapWhy = (strategy: string) =>
  Object.entries(noGapWords).find(([name]) => name === strategy)?.[1];

/** Whether the old secret keeps working for a time that is chosen when the rotation is asked for. */
export const leavesOverlap = (strategy: Strategy) => strategy === 'overlap' || strategy === 'graced';

/** Confirmation levels, the lowest first. */
const levelWords: Record<string, string> = {
  accepted: 'Accepted',
  read_back: 'Read back',
  redeployed: 'Redeployed',
  adopted: 'Adopted',
};

const outcomeWords: Record<string, string> = {
  completed: 'Completed',
  rolled_back: 'Rolled back',
  cancelled: 'Cancelled',
  superseded: 'Superseded',
  abandoned: 'Abandoned',
};

// What a later version of the database adds is shown as it is called there.
const plain = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

export const levelWord = (level: string) => levelWords[level] ?? plain(level);
export const outcomeWord = (outcome: string) => outcomeWords[outcome] ?? plain(outcome);
export const phaseWord = (phase: string) =>
  Object.entries(phaseWords).find(([name]) => name === phase)?.[1].name ?? plain(phase);
export const strategyWord = (strategy: string) =>
  Object.entries(strategyWords).find(([name]) => name === strategy)?.[1] ?? plain(strategy);

/** `3 targets`, `1 target`. */
export const count = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`;

/** `about 3 s, estimated`, `2 s, measured in earlier rotations`. */
export function gapWords({ seconds, measured }: { seconds: number; measured: boolean }): string {
  if (measured) {
    return `${seconds} s, measured in earlier rotations`;
  }
  return `about ${seconds} s, estimated`;
}
