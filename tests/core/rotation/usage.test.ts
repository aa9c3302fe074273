import { expect, test } from 'vitest';
import { conclude, decide } from '#core/rotation/decide.ts';
import { headroomTooSmall } from '#core/rotation/headroom.ts';
import { refusal } from '#core/rotation/refusal.ts';
import type { Situation } from '#core/rotation/situation.ts';
import { seesNewUse, seesOldUse } from '#core/rotation/usage.ts';
import { at, binding, canOf, now, situation, v1, v2 } from '#tests/core/rotation/situations.ts';

const telling = canOf('overlap', { usageSignal: true });

/** An overlap of an hour, so many seconds after it began. */
function during(seconds: number, changes: Partial<Situation> = {}): Situation {
  return situation({
    phase: 'overlap',
    can: telling,
    from: { ...v1, state: 'previous' },
    to: { ...v2, state: 'current' },
    bindings: [binding('b1')],
    phaseAt: now,
    overlapEndsAt: at(3600),
    now: at(seconds),
    ...changes,
  });
}

const looked = (here: Situation) =>
  conclude(here, [{ bindingId: null, ended: 'waiting', seconds: 0 }]).at(-1);
const perform = { do: 'perform', bindingIds: [null] };

test('a fixed overlap is left alone until its end', () => {
  expect(decide(during(60))).toEqual({ do: 'wait', until: at(3600) });
});

test('an end that waits for a use is looked after once a minute, and no longer once the use was seen', () => {
  const waits = { graceAfterUseSeconds: 600 };
  expect(decide(during(1, waits))).toEqual(perform);
  expect(decide(during(30, { ...waits, usageLookedAt: at(1) }))).toEqual({ do: 'wait', until: at(61) });
  expect(decide(during(61, { ...waits, usageLookedAt: at(1) }))).toEqual(perform);
  const seen = { ...waits, usageLookedAt: at(1), newSeenAt: at(1), overlapEndsAt: at(601) };
  expect(decide(during(120, seen))).toEqual({ do: 'wait', until: at(601) });
  // Nobody is asked shortly before the end what is asked at the end anyhow.
  expect(decide(during(3590, { ...waits, usageLookedAt: at(3560) }))).toEqual({
    do: 'wait',
    until: at(3600),
  });
});

test('a use moves the end forward and never back', () => {
  const seen = { graceAfterUseSeconds: 600, newSeenAt: at(100) };
  expect(looked(during(100, seen))?.patch.rotation).toMatchObject({ overlap_ends_at: at(700) });
  expect(looked(during(100, seen))?.events).toMatchObject([{ action: 'secret.seen_in_use', version: 2 }]);
  const late = looked(during(3300, { ...seen, newSeenAt: at(3300) }));
  expect(late?.patch.rotation).not.toHaveProperty('overlap_ends_at');
  expect(late?.events).toEqual([]);
});

test('at the end it is looked once whether the old version is in use, where that can be seen at all', () => {
  expect(decide(during(3600))).toEqual(perform);
  expect(decide(during(3600, { usageLookedAt: at(3599) }))).toEqual(perform);
  const blind = decide(during(3600, { can: canOf('overlap') }));
  expect(blind).toMatchObject({ do: 'commit', commit: { patch: { rotation: { phase: 'revoke' } } } });
});

test('a use after the settling time holds it; one before, one of nobody, and a chosen end do not', () => {
  const end = (changes: Partial<Situation>) => {
    const decision = decide(during(3601, { usageLookedAt: at(3600), ...changes }));
    const row = decision.do === 'commit' ? decision.commit.patch.rotation : undefined;
    return row?.hold ?? row?.phase;
  };
  expect(end({ oldSeenAt: at(301) })).toBe('usage_seen');
  expect(end({ oldSeenAt: at(299) })).toBe('revoke');
  expect(end({ oldSeenAt: null })).toBe('revoke');
  expect(end({ oldSeenAt: at(301), graceSeconds: 0 })).toBe('revoke');
  expect(end({ oldSeenAt: at(301), strategy: 'graced' })).toBe('revoke');
});

test('held because of a use it can be extended, ended and rolled back, and not just resumed', () => {
  const held = during(3601, { hold: 'usage_seen', oldSeenAt: at(3000) });
  for (const action of ['extend', 'revoke_now', 'roll_back'] as const) {
    expect(refusal(action, held), action).toBeNull();
  }
  expect(refusal('resume', held)).toContain('extend the overlap');
  expect(refusal('extend', { ...held, hold: 'manual_hold' })).not.toBeNull();
});

test('the use of the new version is proven by the issuer, or by all required consumers; of the old one by any', () => {
  const silent = canOf('overlap');
  const one = { required: true, reports: true };
  const none = { required: true, reports: false };
  expect(seesNewUse({ can: telling, bindings: [none] })).toBe(true);
  expect(seesNewUse({ can: silent, bindings: [one, none] })).toBe(false);
  expect(seesNewUse({ can: silent, bindings: [one, { ...none, required: false }] })).toBe(true);
  expect(seesNewUse({ can: silent, bindings: [] })).toBe(false);
  expect(seesOldUse({ can: silent, bindings: [one, none] })).toBe(true);
  expect(seesOldUse({ can: silent, bindings: [none] })).toBe(false);
});

test('time enough is what a delivery usually takes: until the issuer ends the old secret, or the window closes', () => {
  const graced = situation({ strategy: 'graced', graceSeconds: 120, deliverySeconds: 120 });
  expect(headroomTooSmall(graced)).toBeNull();
  expect(headroomTooSmall({ ...graced, deliverySeconds: 121 })).toContain('the issuer ends the old secret');
  // No overlap was wanted, or there is a breach: nothing waits for time.
  expect(headroomTooSmall({ ...graced, deliverySeconds: 121, graceSeconds: 0 })).toBeNull();
  const windowed = situation({ strategy: 'cut-over', deliverySeconds: 60, closesAt: at(59) });
  expect(headroomTooSmall(windowed)).toContain('its maintenance window closes');
  expect(headroomTooSmall({ ...windowed, closesAt: at(61) })).toBeNull();
  expect(headroomTooSmall({ ...windowed, closesAt: null })).toBeNull();
});
