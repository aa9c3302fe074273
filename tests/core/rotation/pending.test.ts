import { expect, test } from 'vitest';
import { firstPhaseBack, isRedeployed, nextPhase, pendingBindings } from '#core/rotation/pending.ts';
import type { BindingFact, Situation } from '#core/rotation/situation.ts';
import { at, binding, delivery, now, situation, step, v1, v2 } from '#tests/core/rotation/situations.ts';

const idsOf = (bindings: readonly BindingFact[]) => bindings.map(({ id }) => id);
const back = (changes: Partial<Situation>): Situation =>
  situation({ direction: 'back', directionAt: now, ...changes });

test('phases that have nothing to do in this rotation are passed over', () => {
  expect(nextPhase(situation({ phase: 'preflight' }))).toBe('issue');
  expect(nextPhase(situation({ phase: 'verify', bindings: [] }))).toBe('promote');
  expect(nextPhase(situation({ phase: 'overlap', from: null }))).toBeNull();
  const accepted = {
    bindings: [binding('b1', { needs: 'accepted' })],
    deliveries: [delivery('b1', 'accepted')],
  };
  const steps = [step(1, 'deliver', { bindingId: 'b1' })];
  expect(nextPhase(situation({ phase: 'deliver', steps, ...accepted }))).toBe('promote');
});

test('what earlier rotations left working is cleared away before anything is issued', () => {
  const left = { ...v1, id: 'v0', state: 'previous' as const };
  expect(nextPhase(situation({ leftovers: [left] }))).toBe('clear');
  expect(nextPhase(situation({ supersedes: 'another rotation' }))).toBe('clear');
});

test('an old secret that the issuer has ended by itself is not revoked but proven dead', () => {
  const ended = situation({ strategy: 'graced', phase: 'overlap', from: { ...v1, endsAt: now } });
  expect(nextPhase(ended)).toBe('prove');
  expect(nextPhase({ ...ended, from: { ...v1, endsAt: at(1) } })).toBe('revoke');
});

test('the next value goes to the targets whose consumers read it, and is confirmed there before the issuer has it', () => {
  const bindings = [binding('b1', { readsNext: true }), binding('b2', { required: false })];
  const start = situation({ strategy: 'prestage', bindings });
  expect(nextPhase(start)).toBe('deliver_next');
  expect(idsOf(pendingBindings(start, 'deliver_next'))).toEqual(['b1']);
  const deliveries = [delivery('b1', 'accepted', { slot: 'next' })];
  const there = { ...start, phase: 'deliver_next' as const, deliveries };
  expect(nextPhase(there)).toBe('confirm_next');
  const read = [delivery('b1', 'read_back', { slot: 'next' })];
  expect(nextPhase({ ...there, deliveries: read })).toBe('issue');
});

test('of a value that lies beside the one in use no more is asked than that it is there', () => {
  const bindings = [binding('b1', { readsNext: true, needs: 'adopted' })];
  const deliveries = [delivery('b1', 'read_back', { slot: 'next' })];
  const here = situation({ strategy: 'prestage', bindings, deliveries });
  expect(pendingBindings(here, 'confirm_next')).toEqual([]);
  expect(pendingBindings(here, 'deliver')).toHaveLength(1);
});

test('a target that has to be told takes up each delivery once, and again after the next delivery', () => {
  const bindings = [binding('b1', { redeploys: true, needs: 'redeployed' })];
  const steps = [step(1, 'deliver', { bindingId: 'b1' })];
  const here = situation({ phase: 'deliver', bindings, steps, deliveries: [delivery('b1', 'accepted')] });
  expect(nextPhase(here)).toBe('redeploy');
  const redeployed = { ...here, steps: [...steps, step(2, 'redeploy', { bindingId: 'b1' })] };
  expect(isRedeployed(redeployed, 'b1')).toBe(true);
  expect(nextPhase(redeployed)).toBe('confirm');
  const again = { ...here, steps: [...redeployed.steps, step(3, 'deliver', { bindingId: 'b1' })] };
  expect(idsOf(pendingBindings(again, 'redeploy'))).toEqual(['b1']);
});

test('a target that a person vouches for is neither redeployed nor asked again', () => {
  const bindings = [binding('b1', { redeploys: true, needs: 'redeployed' })];
  const here = situation({ phase: 'redeploy', bindings, deliveries: [delivery('b1', 'redeployed')] });
  expect(pendingBindings(here, 'redeploy')).toEqual([]);
  expect(pendingBindings(here, 'confirm')).toEqual([]);
});

test('the way back writes to the targets that may have the new secret, and to no other', () => {
  const bindings = ['ok', 'unknown', 'begun', 'failed', 'untried', 'by hand'].map((id) => binding(id));
  const steps = [
    step(1, 'deliver', { bindingId: 'ok' }),
    step(2, 'deliver', { bindingId: 'unknown', result: 'unknown' }),
    step(3, 'deliver', { bindingId: 'begun', result: null }),
    step(4, 'deliver', { bindingId: 'failed', result: 'failed' }),
    step(5, 'deliver', { bindingId: 'by hand', result: 'failed' }),
  ];
  const deliveries = [delivery('ok', 'accepted'), delivery('by hand', 'read_back')];
  const here = back({ phase: 'deliver', bindings, steps, deliveries });
  expect(idsOf(pendingBindings(here, 'deliver'))).toEqual(['ok', 'unknown', 'begun', 'by hand']);
});

test('what was delivered of the old version before the rotation turned back does not count', () => {
  const steps = [step(1, 'deliver', { bindingId: 'b1' })];
  const old = delivery('b1', 'adopted', { versionId: v1.id, updatedAt: at(-60) });
  const here = back({ phase: 'deliver', steps, deliveries: [old] });
  expect(idsOf(pendingBindings(here, 'deliver'))).toEqual(['b1']);
  const again = [{ ...old, updatedAt: now }];
  expect(pendingBindings({ ...here, deliveries: again }, 'deliver')).toEqual([]);
});

test('a rotation that turns back begins with the first phase that has work, and asks nothing of an untouched issuer', () => {
  expect(firstPhaseBack(situation({ phase: 'issue', to: null }))).toBe('promote');
  const untouched = back({ phase: 'promote', to: null });
  expect(nextPhase(untouched)).toBeNull();
  const issued = [step(1, 'issue', { result: 'unknown' })];
  expect(nextPhase({ ...untouched, steps: issued })).toBe('revoke');
  expect(firstPhaseBack(situation({ strategy: 'cut-over', phase: 'deliver', steps: issued }))).toBe('issue');
});

test('an answer of the issuer that was lost before the new secret was known leaves nothing to prove on the way back', () => {
  const steps = [step(1, 'issue', { result: 'unknown' })];
  expect(nextPhase(back({ phase: 'revoke', to: null, steps }))).toBeNull();
  expect(nextPhase(back({ phase: 'revoke', to: v2, steps }))).toBe('prove');
});

test('the value beside the one in use is taken away wherever it may have come, once', () => {
  const bindings = [binding('b1', { readsNext: true }), binding('b2', { readsNext: true }), binding('b3')];
  const steps = [
    step(1, 'deliver_next', { bindingId: 'b1' }),
    step(2, 'deliver_next', { bindingId: 'b2', result: 'unknown' }),
  ];
  const here = situation({ strategy: 'prestage', phase: 'remove_next', bindings, steps });
  expect(idsOf(pendingBindings(here, 'remove_next'))).toEqual(['b1', 'b2']);
  const removed = [...steps, step(3, 'remove_next', { bindingId: 'b1' })];
  expect(idsOf(pendingBindings({ ...here, steps: removed }, 'remove_next'))).toEqual(['b2']);
});

test('a best-effort target that was tried is not waited for; one that was not tried yet is', () => {
  const bindings = [binding('b1'), binding('b2', { required: false })];
  const deliveries = [delivery('b1', 'read_back')];
  const steps = [step(1, 'deliver', { bindingId: 'b1' })];
  const here = situation({ phase: 'confirm', bindings, deliveries, steps });
  expect(nextPhase(here)).toBe('deliver');
  const tried = [...steps, step(2, 'deliver', { bindingId: 'b2', result: 'failed' })];
  expect(nextPhase({ ...here, steps: tried })).toBe('promote');
});
