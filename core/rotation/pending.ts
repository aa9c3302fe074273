import { reaches } from '#core/outside/levels.ts';
import {
  type BindingFact,
  issueBegun,
  levelOf,
  outgoing,
  type Situation,
  touched,
} from '#core/rotation/situation.ts';
import { type Phase, phasesOf, promisesNoGap } from '#core/rotation/strategies.ts';

/** What a phase still has to do. Pure, like the rules that ask it. */

const isSafeNext = (situation: Situation, { id, needs }: BindingFact) =>
  reaches(levelOf(situation, id, 'next'), needs === 'accepted' ? 'accepted' : 'read_back');

/** On the way back only the bindings that may have the new version are written. */
function inScope(situation: Situation): readonly BindingFact[] {
  const { direction, bindings } = situation;
  return direction === 'forward'
    ? bindings
    : bindings.filter((binding) => touched(situation, binding.id, 'primary'));
}

/** The number of the last step of this kind that succeeded; 0 where there is none. */
function lastSuccess({ steps, direction }: Situation, phase: Phase, bindingId: string): number {
  const found = steps.findLast(
    (step) =>
      step.phase === phase &&
      step.direction === direction &&
      step.bindingId === bindingId &&
      step.result === 'ok',
  );
  return found?.seq ?? 0;
}

/** Whether the binding's target was told to take up what was delivered last. */
export function isRedeployed(situation: Situation, bindingId: string): boolean {
  return lastSuccess(situation, 'redeploy', bindingId) > lastSuccess(situation, 'deliver', bindingId);
}

/** Whether the target still has to be told. One that a person vouched for as redeployed needs no telling. */
function needsRedeploy(situation: Situation, { id, redeploys }: BindingFact): boolean {
  const level = levelOf(situation, id);
  return redeploys && !reaches(level, 'redeployed') && !isRedeployed(situation, id);
}

const isSettled = (situation: Situation, binding: BindingFact) =>
  reaches(levelOf(situation, binding.id), binding.needs) && !needsRedeploy(situation, binding);

/** The canary goes first and alone, where the rest can wait without harm; then all others at once. */
function wave(situation: Situation): readonly BindingFact[] {
  const all = inScope(situation);
  const canaries = all.filter((one) => one.canary && one.required && !isSettled(situation, one));
  return canaries.length > 0 && promisesNoGap[situation.strategy] ? canaries : all;
}

const bindingPhases = [
  'deliver_next',
  'confirm_next',
  'deliver',
  'redeploy',
  'confirm',
  'remove_next',
] as const;
type BindingPhase = (typeof bindingPhases)[number];

export function isBindingPhase(phase: Phase): phase is BindingPhase {
  return bindingPhases.some((one) => one === phase);
}

/** The bindings that the phase still has to do something for. */
export function pendingBindings(situation: Situation, phase: BindingPhase): readonly BindingFact[] {
  const level = ({ id }: BindingFact) => levelOf(situation, id);
  const readers = () => inScope(situation).filter((binding) => binding.readsNext);
  switch (phase) {
    case 'deliver_next':
      return readers().filter(({ id }) => levelOf(situation, id, 'next') === null);
    case 'confirm_next':
      return readers().filter(
        (one) => levelOf(situation, one.id, 'next') !== null && !isSafeNext(situation, one),
      );
    case 'deliver':
      return wave(situation).filter((one) => level(one) === null);
    case 'redeploy':
      return wave(situation).filter((one) => level(one) !== null && needsRedeploy(situation, one));
    case 'confirm':
      return wave(situation).filter((one) => level(one) !== null && !reaches(level(one), one.needs));
    case 'remove_next':
      return situation.bindings.filter(
        ({ id }) => touched(situation, id, 'next') && lastSuccess(situation, 'remove_next', id) === 0,
      );
  }
}

/** Whether somebody tried to deliver to the binding in this direction. */
const tried = ({ steps, direction }: Situation, bindingId: string) =>
  steps.some(
    (step) => step.phase === 'deliver' && step.direction === direction && step.bindingId === bindingId,
  );

function hasWork(situation: Situation, phase: Phase): boolean {
  const { direction, from, leftovers, supersedes, now, strategy, to } = situation;
  const forward = direction === 'forward';
  if (isBindingPhase(phase)) {
    return pendingBindings(situation, phase).length > 0;
  }
  switch (phase) {
    case 'clear':
      return leftovers.length > 0 || supersedes !== null;
    case 'issue':
    case 'verify':
      return forward || issueBegun(situation);
    case 'revoke':
      // An issuer that ends the old secret by itself needs no telling once the time has come.
      return forward
        ? from !== null && !(strategy === 'graced' && from.endsAt !== null && from.endsAt <= now)
        : issueBegun(situation);
    case 'prove':
      return outgoing(situation) !== null && (forward || (to !== null && issueBegun(situation)));
    default:
      return true;
  }
}

const wavePhases = ['deliver', 'redeploy', 'confirm'] as const;

/** What a wave has left: a required binding that is not through, or one that nobody has delivered to. */
function leftInWave(situation: Situation): Phase | undefined {
  return wavePhases.find((phase) =>
    pendingBindings(situation, phase).some(
      ({ id, required }) => required || (phase === 'deliver' && !tried(situation, id)),
    ),
  );
}

/**
 * The phase after the present one that has something to do; null when the rotation has come to its end. After the
 * canary is confirmed, the others are delivered to; nothing goes past `confirm` while a required binding is not through.
 */
export function nextPhase(situation: Situation): Phase | null {
  const order = phasesOf(situation.strategy, situation.direction);
  const after = order.slice(order.indexOf(situation.phase) + 1);
  if (wavePhases.some((phase) => phase === situation.phase)) {
    const untilConfirmed = after.slice(0, after.indexOf('confirm') + 1);
    const next = untilConfirmed.find((phase) => hasWork(situation, phase)) ?? leftInWave(situation);
    if (next !== undefined) {
      return next;
    }
  }
  return after.find((phase) => hasWork(situation, phase)) ?? null;
}

/** Where a rotation that turns back begins. */
export function firstPhaseBack(situation: Situation): Phase {
  const back = { ...situation, direction: 'back' as const, directionAt: situation.now };
  const first = phasesOf(back.strategy, 'back').find((phase) => hasWork(back, phase));
  return first ?? 'promote';
}
