import { expect, test } from 'vitest';
import { apply } from '#core/rotation/apply.ts';
import { stepEnded, stepsToBegin } from '#core/rotation/begin-steps.ts';
import { conclude, decide, type Performed } from '#core/rotation/decide.ts';
import { isBindingPhase } from '#core/rotation/pending.ts';
import type { Situation } from '#core/rotation/situation.ts';
import {
  type Direction,
  type Phase,
  type Strategy,
  strategies,
  phasesOf as typedPhasesOf,
} from '#core/rotation/strategies.ts';
import {
  at,
  binding,
  concluded,
  decided,
  delivery,
  done,
  failed,
  now,
  performedOn,
  situation,
  step,
  v1,
  v2,
  waiting,
} from '#tests/core/rotation/situations.ts';

const allStrategies = Object.keys(strategies) as Strategy[];
const phasesOf = (strategy: Strategy, direction: Direction = 'forward'): readonly Phase[] =>
  typedPhasesOf(strategy, direction);

/** The phases that a rotation without targets goes through when everything succeeds. */
function walk(start: Situation): { phases: Phase[]; end: Situation } {
  const phases: Phase[] = [];
  let here = start;
  while (here.outcome === null) {
    const { phase } = here;
    phases.push(phase);
    const decision = decide({ ...here, overlapEndsAt: null });
    here = decision.do === 'commit' ? decided({ ...here, overlapEndsAt: null }) : concluded(here, [done()]);
  }
  return { phases, end: here };
}

test('every phase that ends well leads to the next one that has work, and the last one completes', () => {
  for (const strategy of allStrategies) {
    const { phases, end } = walk(situation({ strategy, bindings: [] }));
    const withWork = phasesOf(strategy).filter((phase) => phase !== 'clear' && !isBindingPhase(phase));
    expect([strategy, phases]).toEqual([strategy, withWork]);
    expect(end.outcome).toBe('completed');
  }
});

test('the way back ends with the rotation rolled back, the old version current and the new one discarded', () => {
  for (const strategy of allStrategies.filter((one) => phasesOf(one, 'back').length > 0)) {
    const steps = [step(1, 'issue')];
    const phase = phasesOf(strategy, 'back').find((one) => !isBindingPhase(one)) ?? 'promote';
    const from = { ...v1, state: 'previous' as const };
    const to = { ...v2, state: 'current' as const };
    const back = { direction: 'back' as const, directionAt: now };
    const { end } = walk(situation({ strategy, phase, from, to, steps, bindings: [], ...back }));
    expect([strategy, end.outcome, end.from?.state, end.to?.state]).toEqual([
      strategy,
      'rolled_back',
      'current',
      'discarded',
    ]);
  }
});

test('no strategy revokes or proves before every required binding is confirmed, in either direction', () => {
  for (const strategy of allStrategies) {
    for (const phases of [phasesOf(strategy), phasesOf(strategy, 'back')]) {
      for (const ending of phases.filter((phase) => phase === 'revoke' || phase === 'prove')) {
        expect(phases.indexOf(ending)).toBeGreaterThan(phases.indexOf('confirm'));
      }
    }
  }
});

test('a required binding that is not confirmed keeps the rotation where it is; a best-effort one does not', () => {
  const bindings = [binding('b1'), binding('b2')];
  const deliveries = [delivery('b1', 'read_back'), delivery('b2', 'accepted')];
  const confirming = situation({ phase: 'confirm', bindings, deliveries });
  expect(performedOn(decide(confirming))).toEqual(['b2']);
  const relaxed = [binding('b1'), binding('b2', { required: false })];
  const steps = [step(1, 'confirm', { bindingId: 'b2', result: 'waiting' })];
  expect(decided({ ...confirming, bindings: relaxed, steps }).phase).toBe('promote');
});

test('the canary is delivered to and confirmed first and alone, then the others at once', () => {
  const bindings = [binding('c', { canary: true }), binding('b1'), binding('b2')];
  const first = situation({ phase: 'deliver', bindings });
  expect(performedOn(decide(first))).toEqual(['c']);
  const steps = [step(1, 'deliver', { bindingId: 'c' })];
  const delivered = concluded({ ...first, steps, deliveries: [delivery('c', 'accepted')] }, [done('c')]);
  expect(delivered.phase).toBe('confirm');
  expect(performedOn(decide(delivered))).toEqual(['c']);
  const second = concluded({ ...delivered, deliveries: [delivery('c', 'read_back')] }, [done('c')]);
  expect(second.phase).toBe('deliver');
  expect(performedOn(decide(second))).toEqual(['b1', 'b2']);
});

test('a canary that need not be read back is followed by the others in the same phase', () => {
  const bindings = [binding('c', { canary: true, needs: 'accepted' }), binding('b1')];
  const steps = [step(1, 'deliver', { bindingId: 'c' })];
  const deliveries = [delivery('c', 'accepted')];
  const next = concluded(situation({ phase: 'deliver', bindings, steps, deliveries }), [done('c')]);
  expect(next.phase).toBe('deliver');
  expect(performedOn(decide(next))).toEqual(['b1']);
});

test('where the strategy has a gap no target waits for a canary', () => {
  const bindings = [binding('c', { canary: true }), binding('b1')];
  for (const strategy of ['cut-over', 'assisted'] as const) {
    expect(performedOn(decide(situation({ strategy, phase: 'deliver', bindings })))).toEqual(['c', 'b1']);
  }
});

test('only the targets that failed are tried again, and each has its own count of attempts', () => {
  const bindings = [binding('b1'), binding('b2'), binding('b3')];
  const steps = [
    step(1, 'deliver', { bindingId: 'b1' }),
    step(2, 'deliver', { bindingId: 'b2', result: 'failed', attempt: 1 }),
    step(3, 'deliver', { bindingId: 'b3', result: 'failed', attempt: 4 }),
  ];
  const deliveries = [delivery('b1', 'accepted')];
  const here = situation({ phase: 'deliver', bindings, steps, deliveries });
  const pending = performedOn(decide(here));
  expect(pending).toEqual(['b2', 'b3']);
  expect(stepsToBegin(here, pending).map(({ seq, attempt }) => [seq, attempt])).toEqual([
    [4, 2],
    [5, 5],
  ]);
});

test('a failed step keeps until when whoever was asked wants to be left alone; other steps keep nothing', () => {
  const begun = step(1, 'deliver', { bindingId: 'b1', result: null });
  const here = situation({ phase: 'deliver', steps: [begun] });
  const notBefore = (performed: Performed) =>
    apply(here, stepEnded(here, begun, performed)).steps[0]?.notBefore;
  expect(notBefore(failed({ retryAfterSeconds: 40 }, 'b1'))).toEqual(at(40));
  expect(notBefore(failed({}, 'b1'))).toBeNull();
  expect(notBefore(done('b1'))).toBeNull();
  expect(notBefore(waiting('b1'))).toBeNull();
});

test('a target that says "not yet" is asked again under the same step, and its failures are counted anew', () => {
  const steps = [
    step(1, 'redeploy', { bindingId: 'b1', result: 'failed', attempt: 7 }),
    step(2, 'redeploy', { bindingId: 'b1', result: 'waiting', attempt: 1, ref: 'run-9' }),
  ];
  const here = situation({ phase: 'redeploy', steps });
  expect(stepsToBegin(here, ['b1'])).toEqual([steps[1]]);
});

test('a question about a redeployment that failed is asked again about that one, and begins no other', () => {
  const steps = [step(1, 'redeploy', { bindingId: 'b1', result: 'failed', attempt: 1, ref: 'run-9' })];
  const here = situation({ phase: 'redeploy', steps });
  expect(stepsToBegin(here, ['b1'])).toMatchObject([{ seq: 2, attempt: 2, ref: 'run-9' }]);
  const resumed = situation({ phase: 'redeploy', steps, phaseAt: at(1), now: at(1) });
  expect(stepsToBegin(resumed, ['b1'])).toMatchObject([{ seq: 2, attempt: 1, ref: null }]);
});

test('a resume or a move to another phase counts the attempts anew', () => {
  const steps = [step(1, 'issue', { result: 'failed', attempt: 8 })];
  const [again] = stepsToBegin(situation({ phase: 'issue', steps, phaseAt: at(1), now: at(1) }), [null]);
  expect(again).toMatchObject({ seq: 2, attempt: 1 });
});

test('the attempt after one whose end nobody knows is counted as a further one', () => {
  const steps = [step(1, 'issue', { result: null, attempt: 3 })];
  expect(stepsToBegin(situation({ phase: 'issue', steps }), [null])[0]).toMatchObject({ attempt: 4 });
});

test('promotion frees "current" before the new version takes it, and starts the overlap', () => {
  const commit = decide(situation({ phase: 'promote' }));
  expect(commit).toMatchObject({
    do: 'commit',
    commit: {
      patch: {
        versions: [
          { id: v1.id, state: 'previous' },
          { id: v2.id, state: 'current' },
        ],
        rotation: { phase: 'overlap', overlap_ends_at: at(3600) },
      },
    },
  });
});

test('the way back frees "current" before the old version takes it again, and discards the new one', () => {
  const from = { ...v1, state: 'previous' as const };
  const to = { ...v2, state: 'current' as const };
  const steps = [step(1, 'issue')];
  const back = situation({ phase: 'promote', direction: 'back', directionAt: now, from, to, steps });
  expect(decide(back)).toMatchObject({
    commit: {
      patch: {
        versions: [
          { id: v2.id, state: 'discarded' },
          { id: v1.id, state: 'current' },
        ],
        rotation: { phase: 'revoke', overlap_ends_at: null },
      },
    },
  });
});

test('an overlap that the issuer ends is over when the issuer says so, whatever was wished for', () => {
  const from = { ...v1, endsAt: at(90) };
  const promoted = decided(situation({ strategy: 'graced', phase: 'promote', from }));
  expect(promoted).toMatchObject({ phase: 'overlap', overlapEndsAt: at(90) });
  expect(decided({ ...promoted, now: at(90) }).phase).toBe('prove');
  expect(decided({ ...promoted, overlapEndsAt: now }).phase).toBe('revoke');
});

test('without a grace period the overlap is over at once, also where the issuer would end it later', () => {
  const from = { ...v1, endsAt: at(90) };
  const promoted = decided(situation({ strategy: 'graced', phase: 'promote', from, graceSeconds: 0 }));
  expect(decided(promoted).phase).toBe('revoke');
});

test('the overlap is waited for to its end, by the time it is given', () => {
  const end = new Date(now.getTime() + 1);
  expect(decide(situation({ phase: 'overlap', overlapEndsAt: end }))).toEqual({ do: 'wait', until: end });
  expect(decided(situation({ phase: 'overlap', overlapEndsAt: now })).phase).toBe('revoke');
});

/** Seconds until the next attempt, after so many failures in a row. */
function secondsAfter(attempt: number, random: number, failure = {}): number {
  const steps = [step(1, 'issue', { result: 'failed', attempt })];
  const [, commit] = conclude(situation({ phase: 'issue', steps, random }), [failed(failure)]);
  const next = commit?.patch.rotation?.next_attempt_at;
  return next instanceof Date ? (next.getTime() - now.getTime()) / 1000 : Number.NaN;
}

test('a failure that may pass is tried again, ever later, and never sooner than the other side asked', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => secondsAfter(attempt, 0.999));
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.every((wait) => wait > 0 && wait <= 61)).toBe(true);
  expect(secondsAfter(1, 0, { retryAfterSeconds: 120 })).toBe(120);
});

test('of several targets that fail, the one that asked to be left alone is waited for, and no other', () => {
  const ids = ['b1', 'b2', 'b3'];
  const steps = ids.map((bindingId, place) =>
    step(place + 1, 'deliver', { bindingId, result: 'failed', attempt: 1 }),
  );
  const failing = situation({ phase: 'deliver', bindings: ids.map((id) => binding(id)), steps });
  const nextAfter = (...results: Performed[]) =>
    conclude(failing, results)[1]?.patch.rotation?.next_attempt_at;
  const [soon, later] = [failed({ retry: 'unknown' }, 'b1'), failed({}, 'b2')];
  const asked = failed({ retryAfterSeconds: 40 }, 'b3');
  expect(nextAfter(soon, later, asked)).toEqual(new Date(now.getTime() + 40_000));
  expect(nextAfter(soon, later)).toEqual(now);
});

test('a lost answer is looked into at once, and after that like any failure', () => {
  expect(secondsAfter(1, 0.5, { retry: 'unknown' })).toBe(0);
  expect(secondsAfter(2, 0.5, { retry: 'unknown' })).toBeGreaterThan(0);
});

test('a failure that will not pass, or has been tried eight times, holds the rotation with its sentence', () => {
  for (const [retry, attempt] of [
    ['never', 1],
    ['later', 8],
    ['unknown', 8],
  ] as const) {
    const steps = [step(1, 'deliver', { bindingId: 'b1', result: 'failed', attempt })];
    const [, commit] = conclude(situation({ phase: 'deliver', steps }), [failed({ retry }, 'b1')]);
    expect(commit?.patch.rotation).toMatchObject({ hold: 'delivery_exhausted', hold_detail: 'It failed.' });
    expect(commit?.patch.rotation).not.toHaveProperty('phase');
    expect(commit?.events.map((event) => event.action)).toEqual(['rotation.held']);
  }
});

test('a policy that allows fewer attempts, or less time, has the rotation held sooner', () => {
  const steps = [step(1, 'deliver', { bindingId: 'b1', result: 'failed', attempt: 2 })];
  const here = { phase: 'deliver', steps } as const;
  const passing = failed({}, 'b1');
  expect(concluded(situation({ ...here, retryAttempts: 3 }), [passing]).hold).toBeNull();
  expect(concluded(situation({ ...here, retryAttempts: 2 }), [passing]).hold).toBe('delivery_exhausted');
  const slow = failed({ retryAfterSeconds: 61 }, 'b1');
  expect(concluded(situation({ ...here, retrySeconds: 62 }), [slow]).hold).toBeNull();
  expect(concluded(situation({ ...here, retrySeconds: 60 }), [slow]).hold).toBe('delivery_exhausted');
});

test('a phase that would go on failing for more than an hour is held', () => {
  const steps = [step(1, 'deliver', { bindingId: 'b1', result: 'failed', attempt: 2 })];
  const slow = failed({ retryAfterSeconds: 3601 }, 'b1');
  expect(concluded(situation({ phase: 'deliver', steps }), [slow]).hold).toBe('delivery_exhausted');
});

test('all targets that cannot be delivered to are named in one hold, each sentence once', () => {
  const bindings = ['b1', 'b2', 'b3'].map((id) => binding(id));
  const results = [
    failed({ retry: 'never', message: 'One is full.' }, 'b1'),
    failed({ retry: 'never', message: 'Two is gone.' }, 'b2'),
    failed({ retry: 'never', message: 'One is full.' }, 'b3'),
  ];
  const [, commit] = conclude(situation({ phase: 'deliver', bindings }), results);
  expect(commit?.patch.rotation?.hold_detail).toBe('One is full. Two is gone.');
});

test('one target that fails holds back the rest of the rotation; a best-effort target that fails does not', () => {
  const results = [done('b1'), failed({ retry: 'never' }, 'b2')];
  const deliveries = [delivery('b1', 'accepted')];
  const steps = [
    step(1, 'deliver', { bindingId: 'b1' }),
    step(2, 'deliver', { bindingId: 'b2', result: 'failed' }),
  ];
  const here = situation({ phase: 'deliver', bindings: [binding('b1'), binding('b2')], deliveries, steps });
  expect(concluded(here, results)).toMatchObject({ phase: 'deliver', hold: 'delivery_exhausted' });
  const relaxed = { ...here, bindings: [binding('b1'), binding('b2', { required: false })] };
  expect(concluded(relaxed, results)).toMatchObject({ phase: 'confirm', hold: null });
});

test('best-effort targets alone never hold a rotation and are tried once, not until they succeed', () => {
  const bindings = [binding('b1', { required: false })];
  const here = situation({ phase: 'deliver', bindings });
  expect(performedOn(decide(here))).toEqual(['b1']);
  for (const result of ['failed', 'unknown', 'waiting'] as const) {
    const steps = [step(1, 'deliver', { bindingId: 'b1', result })];
    expect(decided({ ...here, steps }).phase).toBe('promote');
  }
});

test('a value beside the one in use that cannot be taken away holds nothing: it is the same value', () => {
  const steps = [step(1, 'deliver_next', { bindingId: 'b1' })];
  const here = situation({ strategy: 'prestage', phase: 'remove_next', steps });
  expect(concluded(here, [failed({ retry: 'never' }, 'b1')]).outcome).toBe('completed');
});

test('results that are not there yet are waited for, as long as the quickest one needs', () => {
  const bindings = [binding('b1'), binding('b2')];
  const here = situation({ phase: 'confirm', bindings });
  const [, commit] = conclude(here, [waiting('b1', 5), waiting('b2', 2)]);
  expect(commit?.patch.rotation).toEqual({ next_attempt_at: at(2), lease_until: null });
});

const ofIssuer = { ofIssuer: true, hold: 'issuer_failed' as const };
const issuerWith = (failures: number, healthy = true) => ({ ...situation().issuer, failures, healthy });

test('five passing failures of the issuer in a row, over all its rotations, call it unhealthy and hold', () => {
  const fourth = concluded(situation({ issuer: issuerWith(3) }), [failed(ofIssuer)]);
  expect(fourth).toMatchObject({ hold: null, issuer: { failures: 4, healthy: true } });
  const here = situation({ issuer: issuerWith(4) });
  expect(concluded(here, [failed(ofIssuer)])).toMatchObject({
    hold: 'issuer_unhealthy',
    issuer: { failures: 5, healthy: false },
  });
  const [health] = conclude(here, [failed(ofIssuer)]);
  expect(health?.patch.issuer).toMatchObject({
    probe_at: at(30),
    event: { action: 'issuer.marked_unhealthy' },
  });
});

test('a failure that will not pass, and one of a target, say nothing about the issuer’s health', () => {
  const here = situation({ issuer: issuerWith(4) });
  for (const failure of [{ ...ofIssuer, retry: 'never' as const }, { retry: 'later' as const }]) {
    expect(concluded(here, [failed(failure)]).issuer).toMatchObject({ failures: 4, healthy: true });
  }
});

test('an issuer that is not called unhealthy by its last failure holds the rotation for a person, not for a probe', () => {
  const refused = concluded(situation({ issuer: issuerWith(4) }), [failed({ ...ofIssuer, retry: 'never' })]);
  expect(refused).toMatchObject({ hold: 'issuer_failed', issuer: { healthy: true } });
  const steps = [step(1, 'verify', { result: 'failed', attempt: 2 })];
  const few = situation({ phase: 'verify', issuer: issuerWith(0), retryAttempts: 2, steps });
  const spent = concluded(few, [failed(ofIssuer)]);
  expect(spent).toMatchObject({ hold: 'issuer_failed', issuer: { failures: 1, healthy: true } });
});

test('an answer of the issuer makes it well again, and the count of its failures begins anew', () => {
  expect(concluded(situation({ issuer: issuerWith(4) }), [done()]).issuer.failures).toBe(0);
  const unhealthy = situation({ issuer: issuerWith(5, false), phase: 'await_secret', strategy: 'assisted' });
  expect(concluded(unhealthy, [waiting()]).issuer.healthy).toBe(false);
  const delivering = situation({ issuer: issuerWith(4), phase: 'deliver' });
  expect(concluded(delivering, [done('b1')]).issuer.failures).toBe(4);
});

test('an unhealthy issuer is not asked: rotations that need it are held, those that deliver go on', () => {
  const issuer = issuerWith(5, false);
  for (const phase of ['preflight', 'clear', 'issue', 'verify', 'revoke', 'prove'] as const) {
    expect(decided(situation({ phase, issuer })).hold).toBe('issuer_unhealthy');
  }
  expect(performedOn(decide(situation({ phase: 'deliver', issuer })))).toEqual(['b1']);
});

test('the gap ends with the confirmation, and is told when the rotation completes', () => {
  const gapStartedAt = at(-1.5);
  const deliveries = [delivery('b1', 'read_back')];
  const steps = [step(1, 'deliver', { bindingId: 'b1' })];
  const confirm = situation({ strategy: 'cut-over', phase: 'confirm', gapStartedAt, deliveries, steps });
  expect(concluded(confirm, [done('b1')])).toMatchObject({ phase: 'verify', gapEndedAt: now });
  const prove = situation({ strategy: 'cut-over', phase: 'prove', gapStartedAt, gapEndedAt: now });
  const [, commit] = conclude({ ...prove, now: at(9) }, [done()]);
  expect(commit?.events.at(-1)).toMatchObject({ action: 'rotation.completed', gapSeconds: 1.5 });
});

test('the gap ends with the delivery where nothing has to be confirmed, and confirm is passed over', () => {
  const bindings = [binding('b1', { needs: 'accepted' })];
  const deliveries = [delivery('b1', 'accepted')];
  const steps = [step(1, 'deliver', { bindingId: 'b1' })];
  const gap = { gapStartedAt: at(-2), bindings, deliveries, steps };
  const here = situation({ strategy: 'cut-over', phase: 'deliver', ...gap });
  expect(concluded(here, [done('b1')])).toMatchObject({ phase: 'verify', gapEndedAt: now });
});

test('the gap goes on as long as a required target is not confirmed', () => {
  const bindings = [binding('b1'), binding('b2')];
  const steps = [step(1, 'deliver', { bindingId: 'b1' }), step(2, 'deliver', { bindingId: 'b2' })];
  const deliveries = [delivery('b1', 'read_back'), delivery('b2', 'accepted')];
  const here = situation({
    strategy: 'cut-over',
    phase: 'confirm',
    bindings,
    steps,
    deliveries,
    gapStartedAt: at(-2),
  });
  expect(concluded(here, [waiting('b2')]).gapEndedAt).toBeNull();
});

test('the same situation always leads to the same decision', () => {
  const here = situation({ phase: 'deliver', bindings: [binding('b1'), binding('b2')] });
  expect(decide(here)).toEqual(decide(structuredClone(here)));
  expect(conclude(here, [failed({}, 'b1')])).toEqual(conclude(structuredClone(here), [failed({}, 'b1')]));
});

test('an intent is remembered as begun, without an end, and the next step is numbered after it', () => {
  const begun = apply(situation({ phase: 'issue' }), {
    patch: { steps: [{ seq: 1, phase: 'issue', binding_id: null, attempt: 1, ref: null }] },
    events: [],
  });
  expect(begun).toMatchObject({ nextSeq: 2, steps: [{ seq: 1, result: null, direction: 'forward' }] });
});
