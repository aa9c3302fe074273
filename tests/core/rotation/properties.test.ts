import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faults } from '#tests/core/rotation/model/broken-rules.ts';
import { games, playToTheEnd } from '#tests/core/rotation/model/play.ts';
import { Broken, promises } from '#tests/core/rotation/model/promises.ts';
import type { Rules } from '#tests/core/rotation/model/run.ts';

/*
 * Workers that crash, calls that fail or are lost, people who act at any moment: sequences of these are played on the
 * rules and a model of the world outside. After each thing that happens every promise of
 * model/promises.ts is looked at; in the end the world is mended and the rotation has to end.
 */

// A failure names the seed, the path and what happened, move by move.
const seed = 20_261_125;

const property = (rules?: Rules) =>
  fc.property(games, (game) => {
    playToTheEnd(game, rules);
  });

test('whatever workers, people and the world do, every promise is kept until the rotation has ended', () => {
  fc.assert(property(), { seed, numRuns: 2500 });
});

test.each(faults)('a rule that $fault breaks a promise, and is seen', ({ rules, breaks }) => {
  const found = fc.check(property(rules), { seed, numRuns: 2500, endOnFailure: true });
  expect(found.errorInstance).toBeInstanceOf(Broken);
  expect(breaks).toContain(found.errorInstance instanceof Broken ? found.errorInstance.promise : null);
});

test('for each promise there is a rule that breaks it', () => {
  expect(new Set(faults.flatMap(({ breaks }) => breaks))).toEqual(new Set(Object.keys(promises)));
});
