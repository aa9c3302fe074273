import { expect, test } from 'vitest';
import { type Action, actions } from '#core/rotation/holds.ts';
import { breakGlassRefusal, refusal } from '#core/rotation/refusal.ts';
import type { Situation, Step } from '#core/rotation/situation.ts';
import {
  type Direction,
  type Phase,
  phasesOf,
  pointOfNoReturn,
  type Strategy,
  strategies,
} from '#core/rotation/strategies.ts';
import {
  at,
  binding,
  canOf,
  delivery,
  now,
  situation,
  step,
  v1,
  v2,
} from '#tests/core/rotation/situations.ts';

const allStrategies = Object.keys(strategies) as Strategy[];
const phasesForward = (strategy: Strategy): readonly Phase[] => phasesOf(strategy, 'forward');
const deliveryPhases: readonly Phase[] = ['deliver_next', 'confirm_next', 'deliver', 'redeploy', 'confirm'];

/** A rotation that has come as far as this phase, with every step before it done. */
function reached(strategy: Strategy, phase: Phase, changes: Partial<Situation> = {}): Situation {
  const order = phasesForward(strategy);
  const before = order.slice(0, order.indexOf(phase));
  const steps: Step[] = before
    .filter((one) => one !== 'promote' && one !== 'overlap')
    .map((one, n) => step(n + 1, one, { bindingId: deliveryPhases.includes(one) ? 'b1' : null }));
  const isDelivered = before.includes('deliver');
  const isNextDelivered = before.includes('deliver_next');
  return situation({
    strategy,
    phase,
    steps,
    bindings: [binding('b1', { readsNext: strategy === 'prestage', redeploys: true })],
    deliveries: [
      ...(isNextDelivered ? [delivery('b1', 'accepted', { slot: 'next' })] : []),
      ...(isDelivered ? [delivery('b1', 'accepted')] : []),
    ],
    overlapEndsAt: phase === 'overlap' ? at(60) : null,
    gapStartedAt: strategy === 'assisted' && phase !== 'preflight' ? now : null,
    ...changes,
  });
}

/** The phases of each strategy in which the action is allowed. */
const allowedIn = (action: Action, changes: (strategy: Strategy) => Partial<Situation> = () => ({})) =>
  Object.fromEntries(
    allStrategies.map((strategy) => [
      strategy,
      phasesForward(strategy).filter(
        (phase) => refusal(action, reached(strategy, phase, changes(strategy))) === null,
      ),
    ]),
  );

const after = (strategy: Strategy, first: Phase, last?: Phase) => {
  const order = phasesForward(strategy);
  return order.slice(order.indexOf(first), last === undefined ? undefined : order.indexOf(last) + 1);
};

test('a roll-back is allowed from the first change outside until the point of no return, and never after it', () => {
  expect(allowedIn('roll_back')).toEqual({
    overlap: after('overlap', 'clear', 'overlap'),
    graced: after('graced', 'clear', 'overlap'),
    prestage: after('prestage', 'deliver_next', 'prove'),
    // Before the issuer has been asked there is nothing that could not be taken back.
    'cut-over': ['issue'],
    assisted: [],
  });
});

test('a replaced secret can be set again until completion, where the issuer takes a chosen value', () => {
  const can = canOf('cut-over', { chosenValue: true });
  expect(allowedIn('roll_back', () => ({ can }))['cut-over']).toEqual(after('cut-over', 'issue'));
});

test('a roll-back is refused once the issuer has ended the old secret, or soon will', () => {
  const ending = (seconds: number) => ({ from: { ...v1, endsAt: at(seconds) } });
  expect(refusal('roll_back', reached('graced', 'deliver', ending(3600)))).toBeNull();
  for (const seconds of [-1, 0, 60]) {
    expect(refusal('roll_back', reached('graced', 'deliver', ending(seconds)))).toMatch(/only forward/);
  }
});

test('a cancel is allowed only while nothing outside has been changed', () => {
  const fresh = { gapStartedAt: null };
  expect(allowedIn('cancel', () => fresh)).toEqual({
    overlap: ['preflight'],
    graced: ['preflight'],
    prestage: ['preflight'],
    'cut-over': ['preflight'],
    assisted: ['preflight', 'await_secret'],
  });
  expect(refusal('cancel', reached('assisted', 'await_secret'))).toMatch(/paste the new one/);
});

test('a rotation that ended another one because of a breach is neither cancelled nor rolled back', () => {
  const supersedes = 'another rotation';
  for (const action of ['cancel', 'roll_back'] as const) {
    const allowed = allowedIn(action, () => ({ supersedes, gapStartedAt: null }));
    expect([action, Object.values(allowed).flat()]).toEqual([action, []]);
  }
});

test('whatever can be neither cancelled nor rolled back can only go forward, and says so', () => {
  for (const strategy of allStrategies) {
    for (const phase of phasesForward(strategy)) {
      const here = reached(strategy, phase);
      const both = [refusal('cancel', here), refusal('roll_back', here)];
      expect(both.filter((one) => one === null).length).toBeLessThan(2);
    }
  }
});

test('what is held can be abandoned exactly where it can be neither cancelled nor rolled back', () => {
  const directions: Direction[] = ['forward', 'back'];
  for (const strategy of allStrategies) {
    for (const direction of directions) {
      for (const phase of phasesOf(strategy, direction)) {
        const here = reached(strategy, phase, { direction, hold: 'issuer_failed' });
        const isOnlyWay = refusal('cancel', here) !== null && refusal('roll_back', here) !== null;
        expect([strategy, direction, phase, refusal('abandon', here) === null]).toEqual([
          strategy,
          direction,
          phase,
          isOnlyWay,
        ]);
        expect(refusal('abandon', { ...here, hold: null })).toMatch(/not held/);
      }
    }
  }
});

test('an overlap can be extended while it runs, and only where Rekey ends it', () => {
  expect(allowedIn('extend')).toMatchObject({ overlap: ['overlap'], graced: [], prestage: [] });
  expect(refusal('extend', reached('overlap', 'overlap', { overlapEndsAt: now }))).toBe(
    'The overlap is not running.',
  );
});

test('the old secret is revoked at once only in the overlap, when every required target is confirmed', () => {
  expect(allowedIn('revoke_now')).toEqual({
    overlap: ['overlap'],
    graced: ['overlap'],
    prestage: [],
    'cut-over': [],
    assisted: [],
  });
  expect(refusal('revoke_now', reached('overlap', 'confirm'))).toMatch(/the old one is kept/);
});

test('breaking the glass needs a new secret to take the place of the old one', () => {
  const phases = phasesForward('overlap').filter(
    (phase) => breakGlassRefusal(reached('overlap', phase)) === null,
  );
  expect(phases).toEqual(['verify', 'deliver', 'redeploy', 'confirm', 'overlap']);
  expect(breakGlassRefusal(reached('overlap', 'verify', { to: null }))).not.toBeNull();
  expect(breakGlassRefusal(reached('overlap', 'deliver', { direction: 'back' }))).not.toBeNull();
  for (const strategy of ['prestage', 'cut-over', 'assisted'] as const) {
    expect(breakGlassRefusal(reached(strategy, 'deliver'))).not.toBeNull();
  }
});

test('targets are tried again, and vouched for, only while the rotation delivers and waits for them', () => {
  for (const strategy of allStrategies) {
    const delivering = phasesForward(strategy).filter((phase) => deliveryPhases.includes(phase));
    expect(allowedIn('retry')[strategy]).toEqual(delivering);
    expect(allowedIn('confirm')[strategy]).toEqual(delivering);
  }
  const confirmed = [delivery('b1', 'redeployed')];
  expect(refusal('confirm', reached('overlap', 'confirm', { deliveries: confirmed }))).toBe(
    'No target is waited for.',
  );
});

test('an attempt is made before its time only where one has failed, in every phase but the overlap', () => {
  const failing = (strategy: Strategy, phase: Phase, changes: Partial<Step> = {}) => {
    const here = reached(strategy, phase);
    return { ...here, steps: [...here.steps, step(99, phase, { result: 'failed', ...changes })] };
  };
  for (const strategy of allStrategies) {
    for (const phase of phasesForward(strategy)) {
      const here = failing(strategy, phase);
      expect([phase, refusal('try_now', here) === null]).toEqual([phase, phase !== 'overlap']);
      expect(refusal('try_now', reached(strategy, phase))).not.toBeNull();
      expect(refusal('try_now', { ...here, hold: 'manual_hold' })).toMatch(/held/);
    }
  }
  expect(
    refusal('try_now', failing('overlap', 'deliver', { result: 'unknown', bindingId: 'b1' })),
  ).toBeNull();
  expect(refusal('try_now', failing('overlap', 'issue', { result: null }))).toMatch(/at this moment/);
  expect(refusal('try_now', failing('overlap', 'issue', { result: 'ok' }))).toMatch(/No attempt has failed/);
  expect(refusal('try_now', failing('overlap', 'verify', { intentAt: at(-9) }))).toMatch(/No attempt/);
});

test('an attempt is not made before the time that the issuer or a target named, and whoever named it is told of', () => {
  const failed = (changes: Partial<Step>) => step(99, 'deliver', { result: 'unknown', ...changes });
  const here = (steps: Step[]) => ({ ...reached('overlap', 'deliver'), steps });
  const waiting = here([failed({ bindingId: 'b1', notBefore: at(40) })]);
  expect(refusal('try_now', waiting)).toMatch(/^target b1 said how long to wait/);
  expect(refusal('try_now', { ...waiting, now: at(41) })).toBeNull();
  const later = failed({ seq: 100, bindingId: 'b1', attempt: 2 });
  expect(refusal('try_now', here([...waiting.steps, later]))).toBeNull();
  const unbound = (phase: Phase) =>
    situation({ phase, steps: [step(99, phase, { result: 'failed', notBefore: at(40) })] });
  expect(refusal('try_now', unbound('issue'))).toMatch(/^SurfaceScout said/);
  // A preflight asks the issuer and every target in one step.
  expect(refusal('try_now', unbound('preflight'))).toMatch(/^Whoever was asked said/);
});

test('what a best-effort target asks for, or fails at, does not decide whether the next attempt can be made now', () => {
  const bindings = [binding('b1'), binding('b2', { required: false })];
  const failed = (bindingId: string, changes: Partial<Step> = {}) =>
    step(99, 'deliver', { result: 'failed', bindingId, ...changes });
  const here = (...steps: Step[]) => ({ ...reached('overlap', 'deliver', { bindings }), steps });
  const asked = failed('b2', { notBefore: at(40) });
  expect(refusal('try_now', here(failed('b1'), asked))).toBeNull();
  expect(refusal('try_now', here(asked))).toMatch(/No attempt has failed that must succeed/);
});

test('an issuer that cannot end its newest secret takes none back: once one is issued, there is only forward', () => {
  const can = canOf('graced', { wayBack: 'none' });
  const from = { ...v1, endsAt: at(3600) };
  const issued = { strategy: 'graced', phase: 'deliver', can, from, steps: [step(1, 'issue')] } as const;
  expect(refusal('roll_back', situation(issued))).toMatch(/can end the previous secret only/);
  const refused = { ...issued, phase: 'issue', steps: [step(1, 'issue', { result: 'failed' })] } as const;
  expect(refusal('roll_back', situation(refused))).toBeNull();
  expect(pointOfNoReturn('graced', can)).toMatch(/issues the new secret/);
});

test('an issuer that is called unhealthy is not asked sooner, and a target is all the same', () => {
  const issuer = { ...situation().issuer, healthy: false, failures: 5 };
  const of = (phase: Phase) => situation({ phase, issuer, steps: [step(1, phase, { result: 'failed' })] });
  expect(refusal('try_now', of('verify'))).toMatch(/asks it every half minute/);
  expect(refusal('try_now', of('deliver'))).toBeNull();
});

test('a secret is taken only while an assisted rotation waits for it', () => {
  expect(allowedIn('submit_secret')).toMatchObject({
    assisted: ['await_secret'],
    overlap: [],
    'cut-over': [],
  });
});

test('a held rotation can be resumed and not held again; one that goes on can be held and not resumed', () => {
  for (const strategy of allStrategies) {
    for (const phase of phasesForward(strategy)) {
      const here = reached(strategy, phase);
      const held = { ...here, hold: 'manual_hold' as const };
      expect([refusal('resume', here), refusal('hold', held)]).not.toContain(null);
      expect([refusal('resume', held), refusal('hold', here)]).toEqual([null, null]);
    }
  }
});

test('on the way back there is no second way back, no cancel, no overlap and no broken glass', () => {
  const direction: Direction = 'back';
  for (const action of ['roll_back', 'cancel', 'extend', 'revoke_now'] as const) {
    for (const phase of ['deliver', 'confirm', 'promote', 'revoke', 'prove'] as const) {
      const here = situation({ phase, direction, directionAt: now, to: v2 });
      expect([action, phase, refusal(action, here)]).not.toContain(null);
    }
  }
});

test('nothing can be done about a rotation that has ended', () => {
  for (const action of actions) {
    const ended = reached('overlap', 'prove', { outcome: 'completed', hold: 'manual_hold' });
    expect(refusal(action, ended)).toBe('The rotation has ended.');
  }
});

test('every refusal is a sentence', () => {
  for (const strategy of allStrategies) {
    for (const phase of phasesForward(strategy)) {
      for (const action of actions) {
        expect(refusal(action, reached(strategy, phase)) ?? 'It is allowed.').toMatch(/^[A-Z].+\.$/);
      }
    }
  }
});
