import { expect, test } from 'vitest';
import { approvalWait, approveSentence } from '#app/_words/approvals.ts';
import { leavesOverlap } from '#app/_words/rotation.ts';
import { promisesNoGap, type Strategy, strategies } from '#core/rotation/strategies.ts';

const all = Object.keys(strategies) as Strategy[];
const plan = {
  credential: 'fleet-api',
  environment: 'production',
  fromVersion: 3,
  graceSeconds: 7200,
  graceAfterUseSeconds: null,
  gap: { seconds: 4, measured: false },
};

test.each(all)(
  '%s: what is approved is named beside the button, with what becomes of the old secret',
  (strategy) => {
    const said = approveSentence({ ...plan, strategy }, 1);
    expect(said).toMatch(/^fleet-api in production gets a new secret in the place of v3\./);
    expect(said.includes('2 hours')).toBe(leavesOverlap(strategy));
    expect(said.includes('refused for about 4 s')).toBe(!promisesNoGap[strategy]);
    expect(said).toMatch(/Yours is the last approval\.$/);
    expect(approveSentence({ ...plan, strategy }, 2)).toMatch(/Another approval is wanted after yours\.$/);
  },
);

test('those who can approve are named, many are counted, and where there is nobody it is said what it takes', () => {
  const who = (...names: string[]) => approvalWait.who(names, ['approver', 'admin']);
  expect(who('Ada')).toBe('Ada can give it.');
  expect(who('Ada', 'Ben', 'Cleo')).toBe('Ada, Ben or Cleo can give it.');
  expect(who('Ada', 'Ben', 'Cleo', 'Dan', 'Eve')).toBe('Ada, Ben, Cleo or 2 others can give it.');
  expect(who()).toMatch(/the role approver or admin/);
});
