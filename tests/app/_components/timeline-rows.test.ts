import { expect, test } from 'vitest';
import { collisionsByApplication, percent, timelineRows } from '#app/_components/timeline-rows.ts';

const range = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' };
const run = (credentialId: string, at: string, policyId = 'p1') => ({
  credentialId,
  credential: credentialId,
  environment: 'production',
  issuer: 'vendor',
  policyId,
  policy: policyId,
  slot: at,
  at,
  isSet: true,
  graceSeconds: 0,
  pausedBy: null,
  movedBy: null,
});

test('moments stand where they are between the ends, and those outside at the ends', () => {
  expect(percent('2026-11-16T00:00:00.000Z', range)).toBe(50);
  expect(percent('2026-10-01T00:00:00.000Z', range)).toBe(0);
  expect(percent('2027-01-01T00:00:00.000Z', range)).toBe(100);
});

test('each credential has one row with its rotations, its overlap and the blackouts of its own policy', () => {
  const blackout = { policyId: 'p1', policy: 'p1', ...range, reason: 'freeze', credentials: 1 };
  const overlap = {
    rotationId: 'r1',
    credentialId: 'b',
    credential: 'b',
    environment: 'production',
    from: range.from,
    to: range.to,
    held: false,
  };
  const rows = timelineRows({
    runs: [
      run('a', '2026-11-02T00:00:00.000Z'),
      run('b', '2026-11-03T00:00:00.000Z', 'p2'),
      run('a', range.to),
    ],
    overlaps: [overlap],
    blackouts: [blackout],
  });
  expect(
    rows.map(({ credentialId, runs, overlaps, blackouts }) => [
      credentialId,
      runs.length,
      overlaps.length,
      blackouts.length,
    ]),
  ).toEqual([
    ['b', 1, 1, 0],
    ['a', 2, 0, 1],
  ]);
});

test('a collision that comes again is told once, with how often and when first', () => {
  const collision = (from: string, ...names: string[]) => ({
    application: 'app:shop',
    from,
    to: from,
    runs: names.map((credential) => ({ credentialId: credential, credential, at: from })),
  });
  expect(
    collisionsByApplication([
      collision('2026-11-02T00:00:00.000Z', 'a', 'b'),
      collision('2026-11-09T00:00:00.000Z', 'b', 'c'),
    ]),
  ).toEqual([
    { application: 'app:shop', credentials: ['a', 'b', 'c'], times: 2, first: '2026-11-02T00:00:00.000Z' },
  ]);
});
