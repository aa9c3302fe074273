import { expect, test } from 'vitest';
import { conclude, decide, type Performed } from '#core/rotation/decide.ts';
import type { BindingFact, Failure, Situation, VersionFact } from '#core/rotation/situation.ts';
import { phaseAfter, strategies } from '#core/rotation/strategies.ts';

const now = new Date('2026-11-23T12:00:00Z');
const from: VersionFact = { id: 'v1', n: 1, fingerprint: 'aa', state: 'current' };
const to: VersionFact = { id: 'v2', n: 2, fingerprint: 'bb', state: 'pending' };

const binding = (changes: Partial<BindingFact> = {}): BindingFact => ({
  id: 'b1',
  targetName: 'target',
  required: true,
  needs: 'read_back',
  level: null,
  ...changes,
});

const situation = (changes: Partial<Situation> = {}): Situation => ({
  now,
  random: 0.5,
  rotationId: '00000000-0000-7000-8000-000000000001',
  credentialId: '00000000-0000-7000-8000-000000000002',
  credentialName: 'fleet-api',
  strategy: 'overlap',
  phase: 'preflight',
  phaseAt: now,
  graceSeconds: 3600,
  overlapEndsAt: null,
  gapStartedAt: null,
  gapEndedAt: null,
  from,
  to,
  issuedAt: now,
  can: {
    maxLive: 2,
    overlap: 'explicit',
    chosenValue: false,
    readBack: false,
    list: true,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 0,
    failedSignIns: 10,
  },
  bindings: [binding()],
  steps: [],
  nextSeq: 1,
  ...changes,
});

const done = (bindingId: string | null = null): Performed => ({ bindingId, ended: 'done' });
const failed = (failure: Partial<Failure> = {}, bindingId: string | null = null): Performed => ({
  bindingId,
  ended: 'failed',
  failure: { message: 'It failed.', retry: 'later', hold: 'issuer_unhealthy', ...failure },
});

test('every phase that ends well leads to the next one of its strategy, and the last one completes', () => {
  for (const [strategy, phases] of Object.entries(strategies)) {
    for (const phase of phases) {
      const at = situation({ strategy: strategy as keyof typeof strategies, phase, bindings: [] });
      const decision = decide(at);
      const commit = decision.do === 'commit' ? decision.commit : conclude(at, [done()], 1);
      const next = phaseAfter(at.strategy, phase);
      expect(commit.patch.rotation).toMatchObject(next === null ? { outcome: 'completed' } : { phase: next });
    }
  }
});

test('no strategy revokes or proves before every required binding is confirmed', () => {
  for (const phases of Object.values(strategies) as (readonly string[])[]) {
    const confirm = phases.indexOf('confirm');
    for (const ending of ['revoke', 'prove'].filter((phase) => phases.includes(phase))) {
      expect(phases.indexOf(ending)).toBeGreaterThan(confirm);
    }
  }
});

test('a required binding that is not confirmed keeps the rotation where it is; a best-effort one does not', () => {
  const bindings = [binding({ level: 'read_back' }), binding({ id: 'b2', level: 'accepted' })];
  const step = {
    seq: 1,
    phase: 'confirm',
    bindingId: 'b2',
    attempt: 1,
    result: 'waiting',
    counts: true,
  } as const;
  expect(decide(situation({ phase: 'confirm', bindings }))).toEqual({ do: 'perform', bindingIds: ['b2'] });
  const relaxed = bindings.map((one) => ({ ...one, required: one.id === 'b1' }));
  expect(decide(situation({ phase: 'confirm', bindings: relaxed, steps: [step] }))).toMatchObject({
    do: 'commit',
  });
});

test('promotion frees "current" before the new version takes it, and starts the overlap', () => {
  const decision = decide(situation({ phase: 'promote' }));
  expect(decision).toMatchObject({
    do: 'commit',
    commit: {
      patch: {
        versions: [
          { id: 'v1', state: 'previous' },
          { id: 'v2', state: 'current' },
        ],
        rotation: { phase: 'overlap', overlap_ends_at: new Date('2026-11-23T13:00:00Z') },
      },
    },
  });
});

test('the overlap is waited for to its end, by the time it is given', () => {
  const end = new Date(now.getTime() + 1);
  expect(decide(situation({ phase: 'overlap', overlapEndsAt: end }))).toEqual({ do: 'wait', until: end });
  expect(decide(situation({ phase: 'overlap', overlapEndsAt: now }))).toMatchObject({
    commit: { patch: { rotation: { phase: 'revoke' } } },
  });
});

test('a failure that may pass is tried again, ever later, and never sooner than the other side asked', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => {
    const { rotation } = conclude(situation({ random: 0.999 }), [failed()], attempt).patch;
    const at = rotation?.next_attempt_at;
    return at instanceof Date ? at.getTime() - now.getTime() : Number.NaN;
  });
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.every((wait) => wait > 0 && wait <= 61_000)).toBe(true);
  const asked = conclude(situation({ random: 0 }), [failed({ retryAfterSeconds: 120 })], 1);
  expect(asked.patch.rotation?.next_attempt_at).toEqual(new Date(now.getTime() + 120_000));
});

test('a failure that will not pass, or has been tried eight times, holds the rotation with its sentence', () => {
  for (const [retry, attempt] of [
    ['never', 1],
    ['later', 8],
    ['unknown', 8],
  ] as const) {
    const commit = conclude(situation(), [failed({ retry })], attempt);
    expect(commit.patch.rotation).toMatchObject({ hold: 'issuer_unhealthy', hold_detail: 'It failed.' });
    expect(commit.patch.rotation).not.toHaveProperty('phase');
    expect(commit.events.map((event) => event.action)).toEqual(['rotation.held']);
  }
});

test('one target that fails holds back the rest of the rotation; a best-effort target that fails does not', () => {
  const at = situation({ phase: 'deliver', bindings: [binding(), binding({ id: 'b2' })] });
  expect(conclude(at, [done('b1'), failed({}, 'b2')], 1).patch.rotation).not.toHaveProperty('phase');
  const relaxed = { ...at, bindings: [binding(), binding({ id: 'b2', required: false })] };
  expect(conclude(relaxed, [done('b1'), failed({}, 'b2')], 1).patch.rotation).toMatchObject({
    phase: 'confirm',
  });
});

test('the gap ends with the confirmation, and is told when the rotation completes', () => {
  const gapStartedAt = new Date(now.getTime() - 1500);
  const confirm = situation({ strategy: 'cut-over', phase: 'confirm', gapStartedAt });
  expect(conclude(confirm, [done('b1')], 1).patch.rotation).toMatchObject({ gap_ended_at: now });
  const prove = situation({ strategy: 'cut-over', phase: 'prove', gapStartedAt, gapEndedAt: now });
  expect(conclude(prove, [done()], 1).events.at(-1)).toMatchObject({
    action: 'rotation.completed',
    gapSeconds: 1.5,
  });
});
