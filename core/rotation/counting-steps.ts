import { type Situation, type Step, stepsHere } from '#core/rotation/situation.ts';
import { phasesOf } from '#core/rotation/strategies.ts';

const effectOf = ({ direction, phase, bindingId }: Step) => `${direction} ${phase} ${bindingId}`;

/**
 * The numbers of the steps that count as attempts. Those from before the rotation was resumed or delivered again do not, nor
 * those of a phase that comes again; of each effect those count that were made since it was last begun anew.
 */
export function countingSteps(
  situation: Pick<Situation, 'strategy' | 'direction' | 'phase' | 'phaseAt' | 'steps'>,
): ReadonlySet<number> {
  const { strategy, direction, phase, steps } = situation;
  const phases = phasesOf(strategy, direction);
  const present = phases.indexOf(phase);
  const here = new Set(stepsHere(situation));
  const mayCount = (step: Step) =>
    step.direction !== direction || here.has(step) || phases.indexOf(step.phase) < present;
  const able = steps.filter(mayCount);
  const first = new Map(
    able.filter(({ attempt }) => attempt === 1).map((step) => [effectOf(step), step.seq]),
  );
  return new Set(able.filter((step) => step.seq >= (first.get(effectOf(step)) ?? 0)).map(({ seq }) => seq));
}
