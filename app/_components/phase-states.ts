import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import type { Phase } from '#core/rotation/strategies.ts';

export type PhaseState = 'done' | 'running' | 'waiting' | 'held' | 'stopped' | 'to come';

type Standing = Pick<
  RotationProgress,
  'phases' | 'phase' | 'outcome' | 'hold' | 'asksAgain' | 'nextAttemptAt'
>;

function stateOfCurrent({ phase, outcome, hold, asksAgain, nextAttemptAt }: Standing): PhaseState {
  if (outcome !== null) {
    return outcome === 'completed' ? 'done' : 'stopped';
  }
  if (hold !== null) {
    return 'held';
  }
  const forPeopleOrTime = phase === 'await_secret' || phase === 'overlap';
  return forPeopleOrTime || asksAgain || nextAttemptAt !== null ? 'waiting' : 'running';
}

/** Where each phase of a rotation stands, in their order. */
export function phaseStates(standing: Standing): { phase: Phase; state: PhaseState }[] {
  const here = standing.phases.indexOf(standing.phase);
  return standing.phases.map((phase, index) => {
    if (index === here) {
      return { phase, state: stateOfCurrent(standing) };
    }
    return { phase, state: index < here ? 'done' : 'to come' };
  });
}

/** How long the outside calls of a phase took together, in seconds; parallel ones count once. Null: nothing was called. */
export function secondsOf(steps: RotationProgress['steps'], phase: Phase): number | null {
  const longest = new Map<number, number>();
  for (const step of steps) {
    if (step.phase === phase && step.seconds !== null) {
      longest.set(step.attempt, Math.max(step.seconds, longest.get(step.attempt) ?? 0));
    }
  }
  return longest.size === 0 ? null : [...longest.values()].reduce((sum, one) => sum + one, 0);
}
