import { expect, test } from 'vitest';
import { progressOf } from '#app/_doors/rotation-progress.ts';
import { mayHaveNew, openSentence, standing, wasRetiredEarly } from '#app/_words/standing.ts';
import type { RotationView } from '#core/rotation/read-rotation.ts';
import {
  type Direction,
  type Phase,
  phasesOf,
  type Strategy,
  strategies,
} from '#core/rotation/strategies.ts';
import { step, view } from '#tests/app/progress.ts';

const target: RotationView['targets'][number] = {
  bindingId: '01900000-0000-7000-8000-000000000003',
  name: 'Env file',
  required: true,
  needs: 'read_back',
  level: null,
  confirmedAt: null,
};

const at = (strategy: Strategy, phase: Phase, change: Partial<RotationView> = {}) =>
  progressOf({ ...view, strategy, phase, ...change });

const all = (Object.keys(strategies) as Strategy[]).flatMap((strategy) =>
  (['forward', 'back'] as Direction[]).flatMap((direction) =>
    phasesOf(strategy, direction).map((phase) => ({ strategy, direction, phase })),
  ),
);

test.each(all)('$strategy, $direction, $phase: says in one sentence what state things are in', (one) => {
  expect(standing(at(one.strategy, one.phase, { direction: one.direction }))).toMatch(/^[A-Zv].*\.$/);
});

test.each(all.filter(({ strategy, direction }) => strategy === 'cut-over' && direction === 'forward'))(
  'a cut-over at $phase never claims that the old secret works after the issuer was asked to replace it',
  ({ phase }) => {
    const claims = /v1 (still works|is in use)/.test(standing(at('cut-over', phase)));
    expect(claims).toBe(phase === 'preflight');
  },
);

test('a graced rotation never claims that the old secret works for longer than the issuer lets it', () => {
  for (const phase of ['verify', 'deliver', 'confirm', 'promote', 'overlap'] as const) {
    expect(standing(at('graced', phase))).toContain('v1 works until the issuer ends it by itself');
  }
});

test('while delivering, both secrets work and it is told how many targets have the new one', () => {
  const targets = [{ ...target, level: 'accepted' as const }, target];
  expect(standing(at('overlap', 'deliver', { targets }))).toBe(
    'v2 was delivered to 1 of 2 targets; v1 still works.',
  );
});

test('an assisted rotation says whether the vendor has replaced the secret', () => {
  expect(standing(at('assisted', 'await_secret'))).toBe('v1 still works.');
  const gapStartedAt = '2026-11-23T12:00:01.000Z';
  expect(standing(at('assisted', 'await_secret', { gapStartedAt }))).toBe(
    'The vendor has replaced v1, and Rekey does not have the new secret yet.',
  );
});

test('a target may have the new version once its delivery was begun and did not certainly fail', () => {
  const steps = (result: string | null) => ({ steps: [{ ...step, result }] });
  const has = (result: string | null, id = step.bindingId) => mayHaveNew(steps(result), id ?? '');
  expect([has('ok'), has('unknown'), has(null), has('failed')]).toEqual([true, true, true, false]);
  // Also of two bindings that lead to the same target.
  expect(has('ok', '01900000-0000-7000-8000-000000000004')).toBe(false);
});

test('only a broken glass retires the old secret before every target has the new one, whatever they are set to now', () => {
  const glass = {
    askId: '01900000-0000-7000-8000-000000000005',
    state: 'broken',
    requestedBy: 'Ada',
    reason: 'leak',
    until: '2026-11-23T12:30:00.000Z',
    decidedBy: null,
    refusedBecause: null,
    conclusion: null,
    reviewedBy: null,
  };
  const early = (breakGlass: RotationView['breakGlass'], confirmedAt: string | null) =>
    wasRetiredEarly({ breakGlass, targets: [{ ...target, required: false, confirmedAt }] });
  expect(early(null, null)).toBe(false);
  expect(early({ ...glass, state: 'refused' }, null)).toBe(false);
  expect(early(glass, null)).toBe(true);
  expect(early(glass, '2026-11-23T12:00:00.000Z')).toBe(false);
});

test('the credential page says when its rotation is held, is paused or goes back', () => {
  const hold = { reason: 'manual_hold', sentence: 'A person stopped it.', next: 'Resume.', detail: null };
  expect(openSentence(at('overlap', 'overlap'))).toBe(
    'A rotation is under way. v2 is current; v1 still works.',
  );
  expect(openSentence(at('overlap', 'overlap', { hold }))).toBe(
    'The rotation is held: A person stopped it. v2 is current; v1 still works.',
  );
  expect(openSentence(at('overlap', 'overlap', { paused: 'issuer' }))).toBe(
    'A rotation is under way, and waits for the end of a pause. v2 is current; v1 still works.',
  );
  expect(openSentence(at('overlap', 'deliver', { direction: 'back', hold }))).toContain(
    'The rotation is being rolled back, and is held: A person stopped it.',
  );
});
