import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Direction, phasesOf } from '#core/rotation/strategies.ts';
import type { Case } from '#tests/faults/support/case.ts';
import { type CellName, cells } from '#tests/faults/support/cells.ts';
import { Harness } from '#tests/faults/support/harness.ts';
import { brokenPromises, openSecrets } from '#tests/faults/support/invariants.ts';
import { pointsOf, silentPhases } from '#tests/faults/support/points.ts';
import type { Fault, Turn } from '#tests/faults/support/scene.ts';
import { isChosen } from '#tests/faults/support/selection.ts';

/** Where rotations are turned back for the points of the way back: one target has the new version and one has not. */
const HALF_DELIVERED: Turn = { phase: 'deliver', how: 'refused', nth: 2 };

/** Plays one rotation and answers every broken promise, each with the point it was broken at. */
async function play(harness: Harness, direction: Direction, fault?: Fault): Promise<string[]> {
  const credentialId = await harness.newCredential();
  const turn = direction === 'back' ? { turn: HALF_DELIVERED } : {};
  const played = await harness.play({ credentialId, ...turn, ...(fault === undefined ? {} : { fault }) });
  const broken = await brokenPromises(harness, played, direction === 'back' ? 'rolled_back' : 'completed');
  if (fault === undefined) {
    return broken;
  }
  const missed = played.fired === 0 ? ['The point was never reached.'] : [];
  return [...missed, ...broken].map((sentence) => `${nameOf(fault)}: ${sentence}`);
}

const nameOf = ({ moment, nth, deed }: Fault) => `${deed} at ${moment} ${nth}`;

/** The tests of one cell, generated from the phases of its strategy. */
export function testCell(name: CellName): void {
  const cell = cells[name];
  const directions: readonly Direction[] = cell.reversible ? ['forward', 'back'] : ['forward'];
  let harness: Harness;
  const rehearsals = new Map<Direction, { played: Case; broken: string[] }>();

  async function rehearse(direction: Direction): Promise<void> {
    const credentialId = await harness.newCredential();
    const turn = direction === 'back' ? { turn: HALF_DELIVERED } : {};
    const played = await harness.play({ credentialId, ...turn });
    const expected = direction === 'back' ? 'rolled_back' : 'completed';
    rehearsals.set(direction, { played, broken: await brokenPromises(harness, played, expected) });
  }

  beforeAll(async () => {
    harness = await Harness.open(cell);
    for (const direction of directions) {
      await rehearse(direction);
    }
  });
  afterAll(() => harness?.close());

  describe(cell.title, () => {
    for (const direction of directions) {
      const phases = phasesOf(cell.strategy, direction);
      test(`${direction}: an unharmed rotation keeps every promise and asks the outside where it should`, () => {
        const rehearsal = rehearsals.get(direction);
        expect(rehearsal?.broken).toEqual([]);
        expect(phases.length).toBeGreaterThan(0);
        expect(rehearsal && silentPhases(direction, phases, rehearsal.played)).toEqual([]);
      });

      for (const point of pointsOf(direction, phases).filter(({ title }) => isChosen(`${name} ${title}`))) {
        test(`${point.title}: nothing is lost`, async () => {
          const rehearsal = rehearsals.get(direction);
          const broken: string[] = [];
          for (const fault of rehearsal === undefined ? [] : point.faults(rehearsal.played)) {
            broken.push(...(await play(harness, direction, fault)));
          }
          expect(broken).toEqual([]);
        });
      }
    }

    test('no secret that was ever issued lies open in a table or in the output of a worker', async () => {
      expect(await openSecrets(harness)).toEqual([]);
    });
  });
}
