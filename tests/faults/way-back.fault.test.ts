import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phasesOf, type Strategy } from '#core/rotation/strategies.ts';
import type { Case } from '#tests/faults/support/case.ts';
import { type CellName, cells } from '#tests/faults/support/cells.ts';
import { rollBack } from '#tests/faults/support/engine.ts';
import { Harness } from '#tests/faults/support/harness.ts';
import { brokenPromises } from '#tests/faults/support/invariants.ts';
import { factsOf } from '#tests/faults/support/points.ts';
import type { Turn } from '#tests/faults/support/scene.ts';
import { isChosen } from '#tests/faults/support/selection.ts';

/** Up to where each strategy can be turned back once it has begun to change something. */
function phasesBeforeNoReturn(strategy: Strategy): readonly string[] {
  const phases: readonly string[] = phasesOf(strategy, 'forward');
  // What is left to remove at the very end stops nothing, so a rotation cannot be made to wait there.
  const end = phases.findIndex((phase) => phase === 'revoke' || phase === 'remove_next');
  const begin = phases.findIndex((phase) => factsOf(phase).changes);
  return phases.slice(begin, end === -1 ? phases.length : end);
}

/** Every call of an unharmed rotation that the outside can turn away, and every change whose answer can die. */
function turnsOf(strategy: Strategy, how: Turn['how'], rehearsal: Case): Turn[] {
  return phasesBeforeNoReturn(strategy).flatMap((phase) => {
    const met = rehearsal.met.get(`forward ${phase} ${how === 'refused' ? 'before' : 'after'}`) ?? [];
    const turns = met.flatMap((call, index) =>
      how === 'refused' || call.changes ? [{ phase, how, nth: index + 1 }] : [],
    );
    // Before its last change a frozen worker may have another call to make, for which the fence was found good already.
    return how === 'frozen' ? turns.slice(-1) : turns;
  });
}

/** Up to twenty rotations in a row, with waits for leases to run out: 40 s on two cores with nothing beside them. */
const timeout = 300_000;

const ways: readonly (readonly [string, Turn['how']])[] = [
  ['at each call that the outside turns away', 'refused'],
  ['after each change whose answer never came', 'killed'],
  ['while a worker stands still after a change', 'frozen'],
];

const reversible: readonly CellName[] = [
  'many-overlap',
  'two-overlap',
  'two-graced',
  'chosen-prestage',
  'chosen-cut-over',
];
const oneWay: readonly CellName[] = ['readable-cut-over', 'unreadable-cut-over', 'assisted'];

const chosenWays = (name: CellName) => ways.filter(([title]) => isChosen(`${name} ${title}`));

// A suite without a test is a failure of its own, and a seed may choose none of a cell.
describe.each(reversible.filter((name) => chosenWays(name).length > 0))('%s', { timeout }, (name) => {
  const cell = cells[name];
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open(cell);
  });
  afterAll(() => harness?.close());

  for (const [when, how] of chosenWays(name)) {
    test(`turned back ${when}, the old version is in use again and the new one is gone`, async () => {
      const rehearsal = await harness.play({ credentialId: await harness.newCredential() });
      const turns = turnsOf(cell.strategy, how, rehearsal);
      expect(turns.length).toBeGreaterThan(0);
      const broken: string[] = [];
      for (const turn of turns) {
        const played = await harness.play({ credentialId: await harness.newCredential(), turn });
        const sentences = await brokenPromises(harness, played, 'rolled_back');
        broken.push(...sentences.map((sentence) => `${turn.phase} ${turn.nth}: ${sentence}`));
      }
      expect(broken).toEqual([]);
    });
  }
});

describe.each(oneWay)('%s', (name) => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open(cells[name]);
  });
  afterAll(() => harness?.close());

  test('past the point of no return the way back is refused with a reason, and the rotation completes', async () => {
    const credentialId = await harness.newCredential();
    const refused: string[] = [];
    const played = await harness.play({
      credentialId,
      turn: { phase: 'deliver', how: 'refused', nth: 1 },
      turnBack: (rotationId) =>
        rollBack(rotationId).catch((error: Error) => {
          refused.push(error.message);
        }),
    });
    expect(refused.join()).toMatch(/cannot set it again|cannot be set again/);
    expect(await brokenPromises(harness, played, 'completed')).toEqual([]);
  });
});
