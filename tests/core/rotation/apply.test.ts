import { expect, test } from 'vitest';
import { apply } from '#core/rotation/apply.ts';
import { type Commit, join } from '#core/rotation/commit-step.ts';
import { at, delivery, now, situation, step, v1, v2 } from '#tests/core/rotation/situations.ts';

const commit = (patch: Commit['patch']): Commit => ({ patch, events: [] });

test('a commit that moves to another phase begins its time anew; one that stays does not', () => {
  const later = { ...situation(), now: at(5) };
  expect(apply(later, commit({ rotation: { phase: 'issue' } }))).toMatchObject({
    phase: 'issue',
    phaseAt: at(5),
  });
  expect(apply(later, commit({ rotation: { phase: 'preflight' } })).phaseAt).toEqual(now);
  expect(apply(later, commit({ rotation: { phase_at: at(5) } })).phaseAt).toEqual(at(5));
});

test('what a commit does not name keeps its value', () => {
  const here = situation({ phase: 'deliver', hold: 'manual_hold', deliveries: [delivery('b1', 'accepted')] });
  expect(apply(here, commit({}))).toEqual(here);
  expect(apply(here, commit({ rotation: { hold: null } }))).toEqual({ ...here, hold: null });
});

test('a new version is the incoming one as soon as the rotation names it', () => {
  const row = { id: v2.id, n: 2, state: 'pending', external_id: 'secret-2', sealed: 's', fingerprint: 'f' };
  const made = apply(situation({ to: null }), commit({ versions: [row], rotation: { to_version: v2.id } }));
  expect(made.to).toMatchObject({
    id: v2.id,
    n: 2,
    state: 'pending',
    externalId: 'secret-2',
    createdAt: now,
  });
  const changed = apply(made, commit({ versions: [{ id: v1.id, state: 'previous', ends_at: at(9) }] }));
  expect(changed.from).toMatchObject({ state: 'previous', endsAt: at(9), externalId: 'secret-1' });
});

test('a step keeps when it was begun, and gets its end', () => {
  const row = { seq: 1, direction: 'forward', phase: 'issue', binding_id: null, attempt: 1, ref: null };
  const begun = apply(situation({ phase: 'issue' }), commit({ steps: [row] }));
  const ended = apply({ ...begun, now: at(3) }, commit({ steps: [{ ...row, result: 'ok' }] }));
  expect(ended.steps).toEqual([step(1, 'issue', { intentAt: now })]);
  expect(ended.nextSeq).toBe(2);
});

test('a delivery replaces what was known of the same slot, and no other', () => {
  const deliveries = [delivery('b1', 'accepted'), delivery('b1', 'accepted', { slot: 'next' })];
  const row = { version_id: v2.id, binding_id: 'b1', slot: 'primary', level: 'read_back' };
  const after = apply(situation({ deliveries, now: at(1) }), commit({ deliveries: [row] }));
  expect(after.deliveries.map(({ slot, level }) => [slot, level]).toSorted()).toEqual([
    ['next', 'accepted'],
    ['primary', 'read_back'],
  ]);
});

test('what was left of an earlier rotation is forgotten once it is revoked', () => {
  const left = { ...v1, id: 'v0', state: 'previous' as const };
  const here = situation({ leftovers: [left] });
  const row = { id: 'v0', state: 'revoked', revoked_at: now };
  expect(apply(here, commit({ versions: [row] })).leftovers).toEqual([]);
});

test('commits that are joined into one mean what they mean one after the other', () => {
  const step1 = { seq: 1, phase: 'issue', binding_id: null, attempt: 1, ref: null };
  const commits = [
    commit({ rotation: { phase: 'issue' }, steps: [step1] }),
    commit({ steps: [{ ...step1, result: 'ok' }], versions: [{ id: v2.id, external_id: 'x' }] }),
    commit({ rotation: { phase: 'promote', gap_started_at: now } }),
    commit({
      versions: [
        { id: v1.id, state: 'previous' },
        { id: v2.id, state: 'current' },
      ],
    }),
    commit({ issuer: { failures: 0, health: 'healthy' } }),
  ];
  const here = situation({ to: { ...v2, externalId: null } });
  const joined = join(...commits);
  expect(apply(here, joined)).toEqual(commits.reduce(apply, here));
  expect(joined.patch.versions?.map(({ id }) => id)).toEqual([v1.id, v2.id]);
});
