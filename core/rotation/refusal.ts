import type { Action } from '#core/rotation/holds.ts';
import { asksIssuer, isLeftAlone } from '#core/rotation/issuer-health.ts';
import { isBindingPhase, pendingBindings } from '#core/rotation/pending.ts';
import {
  issueBegun,
  mustSucceed,
  type Situation,
  type Step,
  stepsHere,
  type VersionFact,
} from '#core/rotation/situation.ts';
import { phasesOf } from '#core/rotation/strategies.ts';

/*
 * What a person may do about a rotation as it stands. Pure: the console offers what is not refused, and each use case
 * asks again before it acts.
 */

const deliveryPhases = ['deliver_next', 'confirm_next', 'deliver', 'redeploy', 'confirm'];

/** Whether nothing outside can have been changed. */
export function changedNothing({
  phase,
  gapStartedAt,
  steps,
}: Pick<Situation, 'phase' | 'gapStartedAt'> & {
  steps: readonly Pick<Step, 'phase' | 'result'>[];
}): boolean {
  const changing = ['clear', 'deliver_next', 'issue'];
  const began = steps.some((step) => changing.includes(step.phase) && step.result !== 'failed');
  return (phase === 'await_secret' && gapStartedAt === null) || (phase === 'preflight' && !began);
}

const isPast = ({ strategy, phase }: Situation, one: 'revoke') =>
  phasesOf(strategy, 'forward').indexOf(phase) >= phasesOf(strategy, 'forward').indexOf(one);

/** So much time a way back needs at the least. */
const BACK_MS = 2 * 60_000;

const endsSoon = ({ endsAt }: VersionFact, now: Date) =>
  endsAt !== null && endsAt.getTime() - now.getTime() < BACK_MS;

/** Why the rotation cannot be rolled back; null when it can. */
function rollBackRefusal(situation: Situation): string | null {
  const { strategy, direction, phase, supersedes, from, can, now } = situation;
  if (direction === 'back') {
    return 'It is being rolled back already.';
  }
  if (changedNothing(situation)) {
    return 'Nothing outside has been changed yet, so there is nothing to roll back: cancel it instead.';
  }
  if (supersedes !== null) {
    return 'It ended another rotation because of a breach, and targets may hold the secret of that one: there is only forward.';
  }
  if (from === null) {
    return 'There is no earlier version to go back to.';
  }
  switch (strategy) {
    case 'overlap':
      return isPast(situation, 'revoke')
        ? 'The old secret is being revoked, or is revoked already: from here on there is only forward.'
        : null;
    case 'graced':
      if (can.wayBack === 'none' && issueBegun(situation)) {
        return 'The issuer can end the previous secret only, so the new one cannot be taken back: there is only forward.';
      }
      return isPast(situation, 'revoke') || endsSoon(from, now)
        ? 'The issuer has ended the old secret, or will before it could be put back: there is only forward.'
        : null;
    case 'prestage':
      return phase === 'remove_next'
        ? 'The old secret is proven dead, and every target has the new one: there is only forward.'
        : null;
    case 'cut-over':
      return can.chosenValue || !issueBegun(situation)
        ? null
        : 'The issuer has replaced the old secret and takes no chosen value, so the old one cannot be set again.';
    case 'assisted':
      return 'The old secret was replaced on the vendor’s page, and Rekey cannot set it again.';
  }
}

function cancelRefusal(situation: Situation): string | null {
  if (situation.direction === 'back') {
    return 'It is being rolled back already.';
  }
  if (situation.supersedes !== null) {
    return 'It ended another rotation because of a breach, and has to retire what that one left.';
  }
  if (changedNothing(situation)) {
    return null;
  }
  return situation.strategy === 'assisted'
    ? 'The vendor has replaced the old secret: paste the new one, so that the application works again. Where there never will be one, an admin can hold and abandon the rotation.'
    : 'Something outside may have been changed already: roll it back instead.';
}

function extendRefusal({ strategy, phase, overlapEndsAt, now, hold }: Situation): string | null {
  if (strategy !== 'overlap') {
    return 'Only an overlap that Rekey ends by itself can be extended.';
  }
  const isRunning = overlapEndsAt !== null && overlapEndsAt > now;
  // One that has come to its end goes on where it is held because the old secret is still used.
  return phase === 'overlap' && (isRunning || hold === 'usage_seen') ? null : 'The overlap is not running.';
}

function revokeNowRefusal(situation: Situation): string | null {
  const { direction, strategy, phase } = situation;
  if (direction === 'back' || (strategy !== 'overlap' && strategy !== 'graced')) {
    return 'There is no overlap to end.';
  }
  return phase === 'overlap'
    ? null
    : 'Not every required target is confirmed to have the new secret, so the old one is kept.';
}

/** Why the old secret cannot be revoked at once even by breaking the glass; null when it can. */
export function breakGlassRefusal(situation: Situation): string | null {
  const { direction, strategy, phase, to } = situation;
  const both = strategy === 'overlap' || strategy === 'graced';
  return direction === 'forward' &&
    both &&
    to !== null &&
    ['verify', 'deliver', 'redeploy', 'confirm', 'overlap'].includes(phase)
    ? null
    : 'There is no new secret yet that could take the place of the old one, or the old one is being revoked already.';
}

function bindingRefusal({ phase }: Situation): string | null {
  return deliveryPhases.includes(phase) ? null : 'The rotation is not delivering now.';
}

function confirmRefusal(situation: Situation): string | null {
  const { phase } = situation;
  const open = isBindingPhase(phase) && phase !== 'remove_next' ? pendingBindings(situation, phase) : [];
  return open.length > 0 ? null : 'No target is waited for.';
}

function resumeRefusal({ hold }: Situation): string | null {
  if (hold === null) {
    return 'This rotation is not held, so there is nothing to resume.';
  }
  if (hold === 'usage_seen') {
    return 'The old secret is still used: extend the overlap, revoke the old secret now, or roll back.';
  }
  return hold === 'approval_pending' ? 'It goes on by itself once enough people have approved it.' : null;
}

/** The last way out: of what waits for a person, and that no other action ends. */
function abandonRefusal(situation: Situation): string | null {
  if (situation.hold === null) {
    return 'It is not held, and only what waits for a person is abandoned.';
  }
  if (cancelRefusal(situation) === null) {
    return 'Nothing outside has been changed yet: cancel it instead.';
  }
  return rollBackRefusal(situation) === null ? 'It can still be rolled back: do that instead.' : null;
}

/** Who is asked in this step: the issuer, or the target of its binding; a preflight asks all of them in one. */
function askedIn({ issuer, bindings }: Situation, { bindingId, phase }: Step): string {
  const target = bindings.find(({ id }) => id === bindingId)?.targetName;
  return target ?? (phase === 'preflight' ? 'Whoever was asked' : issuer.name);
}

/**
 * The next attempt can be made now where one has failed and waits for its time. What the other side asked for is kept:
 * whoever asks it sooner is refused again, for longer at some vendors, and with every other credential there.
 */
function tryNowRefusal(situation: Situation): string | null {
  const { hold, issuer, phase, now } = situation;
  if (hold !== null) {
    return 'It is held, so no attempt comes by itself that could come sooner.';
  }
  if (phase === 'overlap') {
    return 'It waits for the end of the overlap.';
  }
  const last = [...new Map(stepsHere(situation).map((step) => [step.bindingId, step])).values()];
  if (last.some(({ result }) => result === null)) {
    return 'It is being tried at this moment.';
  }
  // What a best-effort target asks for holds nothing back by itself, so it does not here.
  const failed = last.filter(
    ({ result, bindingId }) =>
      (result === 'failed' || result === 'unknown') && mustSucceed(situation, bindingId),
  );
  if (failed.length === 0) {
    return 'No attempt has failed that must succeed, so none waits for its time.';
  }
  if (isLeftAlone(issuer) && asksIssuer(phase)) {
    return `${issuer.name} does not answer as it should: Rekey asks it every half minute and goes on once it answers.`;
  }
  const [waitsFor] = failed.filter(({ notBefore }) => notBefore !== null && notBefore > now);
  return waitsFor === undefined
    ? null
    : `${askedIn(situation, waitsFor)} said how long to wait, and Rekey keeps to it: asked sooner, it may refuse for longer.`;
}

/** Why nothing can be done about a rotation that is over. */
export const hasEnded = 'The rotation has ended.';

/** Why the action is refused now, as a sentence; null when it is allowed. */
export function refusal(action: Action, situation: Situation): string | null {
  if (situation.outcome !== null) {
    return hasEnded;
  }
  switch (action) {
    case 'resume':
      return resumeRefusal(situation);
    case 'hold':
      return situation.hold === null ? null : 'The rotation is held already.';
    case 'cancel':
      return cancelRefusal(situation);
    case 'roll_back':
      return rollBackRefusal(situation);
    case 'extend':
      return extendRefusal(situation);
    case 'revoke_now':
      return revokeNowRefusal(situation);
    case 'retry':
      return bindingRefusal(situation);
    case 'try_now':
      return tryNowRefusal(situation);
    case 'confirm':
      return confirmRefusal(situation);
    case 'abandon':
      return abandonRefusal(situation);
    case 'submit_secret':
      return situation.phase === 'await_secret' ? null : 'The rotation does not wait for a secret.';
  }
}

/**
 * The same where a pause may hold it: `isPaused` where it waits for the end of one. What people do about a rotation they
 * may do in a pause as well; only the next attempt comes no sooner than its end.
 */
export function refusalNow(action: Action, situation: Situation, isPaused: boolean): string | null {
  const why = refusal(action, situation);
  return why === null && isPaused && action === 'try_now'
    ? 'It is paused, so nothing is tried before the pause ends.'
    : why;
}
