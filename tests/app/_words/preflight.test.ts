import { expect, test } from 'vitest';
import { type Found, readyWords, shownFound, verdictOf, weightOf } from '#app/_words/preflight.ts';

const found = (check: Found['check'], required: boolean, ok: boolean): Found => ({
  check,
  subject: 'Env file',
  required,
  ok,
  message: ok ? null : 'It cannot be written.',
  fix: null,
});

test('what a rotation would be held by blocks it, and anything else that is wrong warns', () => {
  expect(weightOf(found('target', true, true), false)).toBe('ready');
  expect(weightOf(found('target', true, false), false)).toBe('blocks');
  expect(weightOf(found('target', false, false), false)).toBe('warns');
});

test('after a breach nothing blocks, and the open rotation is no obstacle at all', () => {
  const all = [found('issuer', true, false), found('open_rotation', true, false), found('slot', true, true)];
  expect(verdictOf(all, false)).toEqual({ blocks: 2, warns: 0 });
  expect(verdictOf(all, true)).toEqual({ blocks: 0, warns: 1 });
  expect(shownFound(all, true).map(({ check }) => check)).toEqual(['issuer', 'slot']);
});

test('each thing that is asked about has its own words when it is well', () => {
  const checks = ['issuer', 'slot', 'open_rotation', 'pause', 'hours'] as const;
  const words = checks.map((check) => readyWords({ check, subject: 'Okta' }));
  expect(new Set(words).size).toBe(words.length);
  expect(readyWords({ check: 'target', subject: 'Env file' })).toBe('Env file is ready.');
});
