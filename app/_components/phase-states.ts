import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import type { Phase } from '#core/rotation/strategies.ts';

/** `not needed`: passed over, because it had nothing to do. `not reached`: the rotation ended before it. */
export type PhaseState =
  | 'done'
  | 'running'
  | 'waiting'
  | 'held'
  | 'stopped'
  | 'to come'
  | 'not needed'
  | 'not reached';

type Standing = Pick<
  RotationProgress,
  'direction' | 'phases' | 'phase' | 'outcome' | 'hold' | 'asksAgain' | 'nextAttemptAt' | 'steps'
>;

const wentToItsEnd = (outcome: string | null) => outcome === 'completed' || outcome === 'rolled_back';

function stateOfCurrent({ phase, outcome, hold, asksAgain, nextAttemptAt }: Standing): PhaseState {
  if (outcome !== null) {
    return wentToItsEnd(outcome) ? 'done' : 'stopped';
  }
  if (hold !== null) {
    return 'held';
  }
  const forPeopleOrTime = phase === 'await_secret' || phase === 'overlap';
  return forPeopleOrTime || asksAgain || nextAttemptAt !== null ? 'waiting' : 'running';
}

function stateOfLater(outcome: string | null): PhaseState {
  if (outcome === null) {
    return 'to come';
  }
  return wentToItsEnd(outcome) ? 'not needed' : 'not reached';
}

/** What a phase left behind: the steps of its own, or of the phase whose work it waits for. */
const workOf: Partial<Record<Phase, Phase>> = { confirm: 'deliver', confirm_next: 'deliver_next' };

/** Only what the way forward had begun is taken back, so most ways back pass phases over. */
function stateOfEarlier({ direction, steps }: Standing, phase: Phase): PhaseState {
  const worked = steps.some(
    (step) => step.direction === direction && [phase, workOf[phase]].includes(step.phase),
  );
  return direction === 'forward' || phase === 'promote' || worked ? 'done' : 'not needed';
}

/** Where each phase of a rotation stands, in their order. */
export function phaseStates(standing: Standing): { phase: Phase; state: PhaseState }[] {
  const { phases, phase: present, outcome } = standing;
  const here = phases.indexOf(present);
  return phases.map((phase, index) => {
    if (index === here) {
      return { phase, state: stateOfCurrent(standing) };
    }
    return { phase, state: index < here ? stateOfEarlier(standing, phase) : stateOfLater(outcome) };
  });
}

/** The steps of a phase, in the direction that the rotation goes now. */
export function stepsOf(
  { steps, direction }: Pick<RotationProgress, 'steps' | 'direction'>,
  phase: Phase,
): RotationProgress['steps'] {
  return steps.filter((step) => step.phase === phase && step.direction === direction);
}

/** How long these outside calls took together, in seconds; parallel ones count once. Null: nothing was called. */
export function secondsOf(steps: RotationProgress['steps']): number | null {
  const longest = new Map<number, number>();
  for (const step of steps) {
    if (step.seconds !== null) {
      longest.set(step.attempt, Math.max(step.seconds, longest.get(step.attempt) ?? 0));
    }
  }
  return longest.size === 0 ? null : [...longest.values()].reduce((sum, one) => sum + one, 0);
}
