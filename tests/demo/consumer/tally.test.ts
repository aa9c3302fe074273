import { expect, test } from 'vitest';
import { countFailure, countSuccess, firstState } from '#demo/consumer/tally.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

test('a gap runs from the first failed request to the end of the next success', () => {
  let state = firstState('importer', 250, at(0));
  state = countSuccess(state, at(1), at(2), 'v1');
  state = countFailure(state, at(3), 'invalid_client');
  state = countFailure(state, at(4), 'invalid_client');
  state = countSuccess(state, at(5), at(6), 'v2');
  state = countSuccess(state, at(7), at(8), 'v2');
  expect(state).toMatchObject({ requests: 5, failures: 2, versionId: 'v2', lastError: 'invalid_client' });
  expect(state.gaps).toEqual([{ from: at(3), to: at(6), failures: 2 }]);
});

test('the last twenty gaps are kept', () => {
  let state = firstState('importer', 250, at(0));
  for (let second = 0; second < 50; second += 2) {
    state = countFailure(state, at(second), 'invalid_client');
    state = countSuccess(state, at(second + 1), at(second + 1), 'v1');
  }
  expect(state.gaps).toHaveLength(20);
  expect(state.gaps.at(-1)?.from).toBe(at(48));
  expect(state.failures).toBe(25);
});
