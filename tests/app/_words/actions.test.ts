import { expect, test } from 'vitest';
import { progressOf } from '#app/_doors/rotation-progress.ts';
import {
  type Asked,
  actionWords,
  atOnceDoes,
  consequence,
  endedWords,
  extendedEnd,
  notOffered,
  type Offered,
  offered,
  refusalOf,
  vouchable,
} from '#app/_words/actions.ts';
import { type Action, actions, holds } from '#core/rotation/holds.ts';
import type { RotationView } from '#core/rotation/read-rotation.ts';
import { type Strategy, strategies } from '#core/rotation/strategies.ts';
import { step, view } from '#tests/app/progress.ts';

const everything = Object.keys(actionWords) as Offered[];
const asked = everything.filter(
  (one): one is Asked => one !== 'resume' && one !== 'retry' && one !== 'try_now',
);
const issued = { ...step, phase: 'issue' as const };

/** A rotation that allows these actions and refuses all others with the same sentence. */
const allowing = (allowed: readonly Action[], change: Partial<RotationView> = {}) =>
  progressOf({
    ...view,
    strategy: 'overlap',
    phases: ['deliver', 'overlap', 'revoke'],
    actions: actions.map((action) => ({ action, refusal: allowed.includes(action) ? null : 'Not now.' })),
    ...change,
  });

const target: RotationView['targets'][number] = {
  bindingId: '01900000-0000-7000-8000-000000000003',
  name: 'Env file',
  required: true,
  needs: 'read_back',
  level: null,
  confirmedAt: null,
};

test('every action of core has its words, but for the secret that is pasted elsewhere', () => {
  expect(new Set(everything)).toEqual(
    new Set([...actions.filter((action) => action !== 'submit_secret'), 'break_glass']),
  );
});

test('delivering again says that it does not wait for the time that a target asked for', () => {
  expect(atOnceDoes('retry')).toMatch(/at once, also where a target asked for time/);
});

test('what the rotation refuses or the role may not do is not offered', () => {
  const progress = allowing(['roll_back', 'hold', 'cancel']);
  expect(offered(progress, everything)).toEqual(['hold', 'cancel', 'roll_back']);
  expect(offered(progress, ['hold'])).toEqual(['hold']);
  expect(offered(progress, [])).toEqual([]);
});

test('breaking the glass is offered only where the overlap cannot be ended the usual way', () => {
  expect(offered(allowing([], { mayBreakGlass: true }), everything)).toEqual(['break_glass']);
  expect(offered(allowing(['revoke_now'], { mayBreakGlass: true }), everything)).toEqual(['revoke_now']);
  expect(offered(allowing([]), everything)).toEqual([]);
});

test('an action that core does not name is refused, not offered', () => {
  expect(refusalOf(allowing([], { actions: [] }), 'roll_back')).toBe('The rotation has moved on.');
});

test('an action that is looked for and missing says why, each sentence once', () => {
  expect(notOffered(allowing([]))).toEqual([{ action: 'roll_back', why: 'Not now.' }]);
  expect(notOffered(allowing(['roll_back', 'cancel', 'revoke_now']))).toEqual([]);
  expect(notOffered(allowing(['roll_back', 'cancel'], { phase: 'overlap' }))).toEqual([
    { action: 'extend', why: 'Not now.' },
  ]);
});

test('on the way back nothing is said of a way back or a cancellation', () => {
  expect(notOffered(allowing([], { direction: 'back' }))).toEqual([]);
});

test.each(asked)('%s is told before it is done: what happens, and whether it can be undone', (action) => {
  for (const strategy of Object.keys(strategies) as Strategy[]) {
    const { does, undo } = consequence(action, allowing([], { strategy, steps: [issued] }));
    expect(does).toMatch(/^[A-Zv].*\.$/);
    expect(undo).toMatch(/^[A-Z].*\.$/);
  }
});

test('what cannot be undone says so', () => {
  for (const action of ['revoke_now', 'break_glass'] as const) {
    expect(actionWords[action].destroys).toBe(true);
    expect(consequence(action, allowing([])).undo).toMatch(/^It cannot be undone/);
  }
});

test('breaking the glass names every required target that is not confirmed', () => {
  const confirmed = { ...target, name: 'Webhook', confirmedAt: '2026-11-23T12:00:01.000Z' };
  const { does } = consequence('break_glass', allowing([], { targets: [target, confirmed] }));
  expect(does).toContain('Not confirmed: Env file.');
});

test('a hold of a graced rotation says that the issuer does not wait', () => {
  expect(consequence('hold', allowing([], { strategy: 'graced' })).does).toContain('it still ends v1');
  const gapStartedAt = '2026-11-23T12:00:01.000Z';
  expect(consequence('hold', allowing([], { strategy: 'cut-over', gapStartedAt })).does).toContain(
    'stay refused meanwhile',
  );
});

test('an extension counts from the end that was shown, not from now', () => {
  const now = Date.parse('2026-11-24T11:00:00.000Z');
  expect(extendedEnd('2026-11-24T12:00:00.000Z', 3600, now)).toBe('2026-11-24T13:00:00.000Z');
});

test('an overlap that is over is extended from now on', () => {
  const now = Date.parse('2026-11-25T11:00:00.000Z');
  expect(extendedEnd('2026-11-24T12:00:00.000Z', 3600, now)).toBe('2026-11-25T12:00:00.000Z');
});

test('only a target that is not confirmed can be vouched for', () => {
  const confirmed = { ...target, level: 'read_back' as const, confirmedAt: '2026-11-23T12:00:01.000Z' };
  expect(vouchable({ phase: 'confirm', targets: [confirmed, target] })).toEqual([target]);
});

test('the safe actions of a hold are those of core’s table that are allowed now, in its order', () => {
  const hold = { reason: 'delivery_exhausted', sentence: 'No.', next: 'Mend it.', detail: null };
  expect(allowing(['roll_back', 'resume', 'hold'], { hold }).safeActions).toEqual(
    holds.delivery_exhausted.actions.filter((action) => action === 'resume' || action === 'roll_back'),
  );
  expect(allowing(['resume']).safeActions).toEqual([]);
});

test('a roll-back that is over says that the new secret is refused only where one was made', () => {
  expect(endedWords('rolled_back', allowing([], { steps: [issued], provenDead: true }))).toBe(
    'v1 is current again. v2 was retired. Signing in with v2 is refused.',
  );
  expect(endedWords('rolled_back', allowing([], { steps: [issued] }))).toBe(
    'v1 is current again. v2 was retired. Nobody tried whether v2 is refused: SurfaceScout takes no failed sign-in for it.',
  );
  expect(endedWords('rolled_back', allowing([], { steps: [] }))).toBe(
    'No new secret came into use: v1 is current as before.',
  );
});

test('a cancelled rotation says that nothing outside was changed', () => {
  expect(endedWords('cancelled', allowing([]))).toBe('Nothing outside was changed: v1 stays current.');
});
