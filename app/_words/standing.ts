import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { count } from '#app/_words/rotation.ts';

/* What state things are in, in one sentence. A person reads it before acting, so it claims no more than is known. */

export type Versions = Pick<RotationProgress, 'fromVersion' | 'toVersion'>;

export type Standing = Versions &
  Pick<RotationProgress, 'strategy' | 'direction' | 'phase' | 'gapStartedAt' | 'targets' | 'steps'>;

export const oldName = ({ fromVersion }: Versions) =>
  fromVersion === null ? 'the old secret' : `v${fromVersion}`;
export const newName = ({ toVersion }: Versions) => (toVersion === null ? 'the new secret' : `v${toVersion}`);

/** A version's name is written small also where a sentence begins. */
export const sentence = (text: string) =>
  /^v\d/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);

function delivered({ targets }: Standing): string {
  const having = targets.filter((target) => target.level !== null).length;
  return `was delivered to ${having} of ${count(targets.length, 'target')}`;
}

const untouched = (of: Standing) => `${oldName(of)} is in use everywhere; nothing has been replaced yet.`;

function whileBothWork(of: Standing): string {
  const [old, fresh] = [oldName(of), newName(of)];
  const oldWorks =
    of.strategy === 'graced' ? `${old} works until the issuer ends it by itself` : `${old} still works`;
  switch (of.phase) {
    case 'preflight':
    case 'clear':
      return untouched(of);
    case 'issue':
      return `${old} is in use everywhere; the issuer is asked for a new secret beside it.`;
    case 'verify':
      return `${fresh} exists at the issuer and is on no target yet; ${oldWorks}.`;
    case 'promote':
    case 'overlap':
      return `${fresh} is current; ${oldWorks}.`;
    case 'revoke':
      return `${fresh} is current; ${old} is being retired.`;
    case 'prove':
      return `${fresh} is current; ${old} is retired.`;
    default:
      return `${fresh} ${delivered(of)}; ${oldWorks}.`;
  }
}

function prestaged(of: Standing): string {
  const [old, fresh] = [oldName(of), newName(of)];
  switch (of.phase) {
    case 'preflight':
      return untouched(of);
    case 'deliver_next':
    case 'confirm_next':
      return `${old} is in use everywhere; ${fresh} is being put beside it, and the issuer does not know it yet.`;
    case 'issue':
      return `The issuer is asked to take ${fresh}; the required targets hold both values.`;
    case 'verify':
    case 'promote':
      return `The issuer has taken ${fresh}; the required targets hold both values.`;
    default:
      return `${fresh} is current; ${old} no longer works.`;
  }
}

function replaced(of: Standing): string {
  const [old, fresh] = [oldName(of), newName(of)];
  switch (of.phase) {
    case 'preflight':
      return untouched(of);
    case 'await_secret':
      return of.gapStartedAt === null
        ? `${old} still works.`
        : `The vendor has replaced ${old}, and Rekey does not have the new secret yet.`;
    case 'issue':
      return `The issuer is asked to replace ${old}; which of the two works is known once it answers.`;
    default:
      return `${fresh} is current and ${delivered(of)}; ${old} no longer works.`;
  }
}

function goingBack(of: Standing): string {
  const [old, fresh] = [oldName(of), newName(of)];
  const replaces = of.strategy === 'prestage' || of.strategy === 'cut-over';
  switch (of.phase) {
    case 'deliver_next':
    case 'confirm_next':
      return `The value of ${old} is being put beside ${fresh} again.`;
    case 'issue':
      return `The issuer is asked to take the value of ${old} again.`;
    case 'verify':
      return replaces
        ? `The issuer has taken the value of ${old} again.`
        : `${fresh} still works; ${old} is tried before it is put back.`;
    case 'promote':
      return `${old} is about to be current again.`;
    case 'revoke':
      return `${old} is current again; ${fresh} is being retired.`;
    case 'prove':
    case 'remove_next':
      return `${old} is current again; ${fresh} is retired.`;
    default:
      return replaces
        ? `${old} is current again, and is being put back wherever ${fresh} came to.`
        : `${old} is being put back wherever ${fresh} came to; ${fresh} still works.`;
  }
}

function standingOf(of: Standing): string {
  if (of.direction === 'back') {
    return goingBack(of);
  }
  switch (of.strategy) {
    case 'overlap':
    case 'graced':
      return whileBothWork(of);
    case 'prestage':
      return prestaged(of);
    default:
      return replaced(of);
  }
}

/** What state things are in now. */
export const standing = (of: Standing) => sentence(standingOf(of));

/** Whether the new version may have come to the binding on the way forward, so that a way back is about it. */
export function mayHaveNew({ steps }: Pick<Standing, 'steps'>, bindingId: string): boolean {
  return steps.some(
    (step) =>
      step.phase === 'deliver' &&
      step.direction === 'forward' &&
      step.bindingId === bindingId &&
      step.result !== 'failed',
  );
}

/**
 * Whether the old secret was retired before every target had the new one, which only breaking the glass does. Which of them were
 * required may have changed since.
 */
export const wasRetiredEarly = ({ breakGlass, targets }: Pick<RotationProgress, 'breakGlass' | 'targets'>) =>
  breakGlass?.state === 'broken' && targets.some(({ confirmedAt }) => confirmedAt === null);

/** How an open rotation stands, for a page that is about its credential. */
export function openSentence(
  rotation: (Standing & Pick<RotationProgress, 'paused'> & { hold: { sentence: string } | null }) | null,
): string {
  if (rotation === null) {
    return 'A rotation is under way.';
  }
  const back = rotation.direction === 'back';
  if (rotation.hold !== null) {
    const held = back ? 'The rotation is being rolled back, and is held' : 'The rotation is held';
    return `${held}: ${rotation.hold.sentence} ${standing(rotation)}`;
  }
  const waits = rotation.paused === null ? '' : ', and waits for the end of a pause';
  return `${back ? 'The rotation is being rolled back' : 'A rotation is under way'}${waits}. ${standing(rotation)}`;
}
