import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import type { Phase } from '#core/rotation/strategies.ts';

/**
 * `paused`: it waits for the end of a pause. `untaken`: no worker has taken it up yet. `not needed`: passed over, because it had
 * nothing to do. `not reached`: the rotation ended, or turned back, before it. `taken back`: what it did on the way forward was undone on the way back.
 */
export type PhaseState =
  | 'done'
  | 'running'
  | 'waiting'
  | 'untaken'
  | 'held'
  | 'paused'
  | 'stopped'
  | 'to come'
  | 'not needed'
  | 'not reached'
  | 'taken back';

type Standing = Pick<
  RotationProgress,
  | 'direction'
  | 'phases'
  | 'phase'
  | 'outcome'
  | 'hold'
  | 'paused'
  | 'asksAgain'
  | 'nextAttemptAt'
  | 'awaitsWorker'
  | 'steps'
  | 'provenDead'
>;

const wentToItsEnd = (outcome: string | null) => outcome === 'completed' || outcome === 'rolled_back';

function stateOfCurrent(standing: Standing): PhaseState {
  const { phase, outcome, hold, paused, asksAgain, nextAttemptAt, awaitsWorker } = standing;
  if (outcome !== null) {
    return wentToItsEnd(outcome) ? stateOfPast(standing, phase) : 'stopped';
  }
  if (hold !== null) {
    return 'held';
  }
  if (paused !== null) {
    return 'paused';
  }
  const forPeopleOrTime = phase === 'await_secret' || phase === 'overlap';
  if (forPeopleOrTime || asksAgain || nextAttemptAt !== null) {
    return 'waiting';
  }
  return awaitsWorker ? 'untaken' : 'running';
}

function stateOfLater(outcome: string | null): PhaseState {
  if (outcome === null) {
    return 'to come';
  }
  return wentToItsEnd(outcome) ? 'not needed' : 'not reached';
}

/** What a phase left behind: the steps of its own, or of the phase whose work it waits for. */
const workOf: Partial<Record<Phase, Phase>> = { confirm: 'deliver', confirm_next: 'deliver_next' };

/** An issuer that takes no failed sign-in was not asked, so nothing was proven. */
function stateOfPast({ provenDead }: Standing, phase: Phase): PhaseState {
  return phase === 'prove' && !provenDead ? 'not needed' : 'done';
}

/** Only what the way forward had begun is taken back, so most ways back pass phases over. */
function stateOfEarlier(standing: Standing, phase: Phase): PhaseState {
  const { direction, steps } = standing;
  const worked = steps.some(
    (step) => step.direction === direction && [phase, workOf[phase]].includes(step.phase),
  );
  return direction === 'forward' || phase === 'promote' || worked
    ? stateOfPast(standing, phase)
    : 'not needed';
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

type Turned = Standing & Pick<RotationProgress, 'strategy' | 'wayForward' | 'wasPromoted'>;

/** The phase of the way back that undoes what this one did; undefined where it left nothing to undo. */
function undoneBy({ strategy }: Turned, phase: Phase): Phase | undefined {
  const bothWork = strategy === 'overlap' || strategy === 'graced';
  const undoing: Partial<Record<Phase, Phase>> = {
    deliver_next: 'remove_next',
    issue: bothWork ? 'revoke' : 'issue',
    deliver: 'deliver',
    promote: 'promote',
  };
  return undoing[phase];
}

/** Whether each target, or the issuer, answered the last step with yes. */
function succeeded(steps: RotationProgress['steps']): boolean {
  const last = new Map(steps.map(({ target, result }) => [target, result]));
  return [...last.values()].every((result) => result === 'ok');
}

/** How far a phase of the way forward came before the rotation was turned back. `furthest` is the last that was begun. */
function stateBefore(turned: Turned, phase: Phase, furthest: number): PhaseState {
  const steps = stepsOf({ steps: turned.steps, direction: 'forward' }, phase);
  if (steps.length > 0) {
    return succeeded(steps) ? 'done' : 'stopped';
  }
  if (turned.wayForward.indexOf(phase) > furthest) {
    return 'not reached';
  }
  if (phase === 'promote') {
    return turned.wasPromoted ? 'done' : 'not reached';
  }
  if (phase === 'overlap') {
    return 'stopped';
  }
  const work = workOf[phase];
  const worked = turned.steps.some((step) => step.direction === 'forward' && step.phase === work);
  return worked ? 'done' : 'not needed';
}

/** Where each phase of the way forward stands once a rotation was turned back: what was done, and what of it is undone. */
export function forwardStates(turned: Turned): { phase: Phase; state: PhaseState }[] {
  const { wayForward, wasPromoted, steps } = turned;
  const begun = (phase: Phase) =>
    stepsOf({ steps, direction: 'forward' }, phase).length > 0 ||
    (wasPromoted && (phase === 'promote' || phase === 'overlap'));
  const furthest = wayForward.findLastIndex(begun);
  const back = new Map(phaseStates(turned).map(({ phase, state }) => [phase, state]));
  return wayForward.map((phase) => {
    const state = stateBefore(turned, phase, furthest);
    const undoing = undoneBy(turned, phase);
    const isUndone = state !== 'not reached' && undoing !== undefined && back.get(undoing) === 'done';
    return { phase, state: isUndone ? 'taken back' : state };
  });
}

/** The steps of a phase, in the direction that the rotation goes now. */
export function stepsOf(
  { steps, direction }: Pick<RotationProgress, 'steps' | 'direction'>,
  phase: Phase,
): RotationProgress['steps'] {
  return steps.filter((step) => step.phase === phase && step.direction === direction);
}

export interface Failure {
  target: string | null;
  error: string;
  /** None where it was before the rotation was resumed: those count no more. */
  attempts: readonly number[];
}

/**
 * What went wrong in these steps, each sentence once and without its target's name before it, with the attempts that it ended and
 * that count.
 */
export function failuresOf(steps: RotationProgress['steps']): Failure[] {
  const found = new Map<string, Failure>();
  for (const { target, error: whole, attempt, counts } of steps) {
    if (whole === null) continue;
    const begin = `${target}: `;
    const error = whole.startsWith(begin) ? whole.slice(begin.length) : whole;
    const key = JSON.stringify([target, error, counts]);
    const attempts = counts ? [...(found.get(key)?.attempts ?? []), attempt] : [];
    found.set(key, { target, error, attempts });
  }
  return [...found.values()];
}

/** Numbers in their order as a person writes them: "1–3, 5". */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const n of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && n === last[1] + 1) last[1] = n;
    else if (last?.[1] !== n) ranges.push([n, n]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
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
