import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { leavesOverlap } from '#app/_words/rotation.ts';
import { newName, oldName, type Standing, sentence } from '#app/_words/standing.ts';
import type { Action } from '#core/rotation/holds.ts';

/* What a person can do about an open rotation: what is offered, and what is said before it is done. */

/** Breaking the glass is a stronger form of ending the overlap, so core has no action of its own for it. */
export type Offered = Exclude<Action, 'submit_secret'> | 'break_glass';

const atOnce = ['resume', 'retry', 'try_now'] as const satisfies readonly Offered[];

/** Those that are asked about in a dialog; the others change nothing that cannot be changed back by a click. */
export type Asked = Exclude<Offered, (typeof atOnce)[number]>;

interface Words {
  /** On the button that offers it. */
  label: string;
  /** On the button that does it, after everything was said. */
  confirm: string;
  destroys: boolean;
}

export const actionWords: Record<Offered, Words> = {
  resume: { label: 'Resume', confirm: 'Resume', destroys: false },
  retry: { label: 'Deliver to all again', confirm: 'Deliver to all again', destroys: false },
  try_now: { label: 'Try now', confirm: 'Try now', destroys: false },
  confirm: { label: 'Confirm by hand…', confirm: 'Confirm by hand', destroys: false },
  extend: { label: 'Extend overlap…', confirm: 'Extend overlap', destroys: false },
  hold: { label: 'Hold…', confirm: 'Hold', destroys: false },
  cancel: { label: 'Cancel rotation…', confirm: 'Cancel rotation', destroys: false },
  roll_back: { label: 'Roll back…', confirm: 'Roll back', destroys: false },
  revoke_now: { label: 'End overlap now…', confirm: 'End overlap now', destroys: true },
  break_glass: { label: 'Break glass…', confirm: 'Break glass', destroys: true },
  abandon: { label: 'Abandon rotation…', confirm: 'Abandon rotation', destroys: true },
};

/** What those do that are not asked about. */
const atOnceWords: Record<(typeof atOnce)[number], string> = {
  resume: 'It goes on from where it stands, with the attempts counted anew.',
  retry:
    'Delivering again begins at once, also where a target asked for time: that one may refuse for longer then. The attempts are counted anew.',
  try_now: 'The next attempt is made now. It counts like the others.',
};

/** What an action does that is done without a question; null for those that are asked about. */
export const atOnceDoes = (action: string): string | null =>
  Object.entries(atOnceWords).find(([name]) => name === action)?.[1] ?? null;

export const isAsked = (action: string): action is Asked =>
  action in actionWords && !atOnce.some((immediate) => immediate === action);

/** The harmless ones first. */
const order = Object.keys(actionWords) as Offered[];

type Answers = Pick<
  RotationProgress,
  'actions' | 'mayBreakGlass' | 'breakGlass' | 'strategy' | 'direction' | 'phase' | 'phases'
>;

/** Why an action is refused now; null when it is allowed. */
export function refusalOf({ actions, mayBreakGlass, breakGlass }: Answers, wanted: Offered): string | null {
  const refusal = (action: Action) => actions.find((one) => one.action === action)?.refusal;
  if (wanted !== 'break_glass') {
    const why = refusal(wanted);
    return why === undefined ? 'The rotation has moved on.' : why;
  }
  if (breakGlass?.state === 'asked') {
    return 'It was asked for, and waits for a second person.';
  }
  // Where the overlap can be ended the usual way, no glass has to be broken for it.
  if (mayBreakGlass && refusal('revoke_now') !== null) {
    return null;
  }
  return mayBreakGlass
    ? 'End the overlap instead: every required target is confirmed.'
    : 'There is no new secret yet that could take the place of the old one, or the old one is being revoked already.';
}

/** What the rotation allows now, of what the person's role may do. */
export function offered(progress: Answers, may: readonly Offered[]): Offered[] {
  return order.filter((action) => may.includes(action) && refusalOf(progress, action) === null);
}

/** Actions that people look for and do not find, each with the sentence why; the same sentence is said once. */
export function notOffered(progress: Answers): { action: Offered; why: string }[] {
  const { strategy, direction, phase } = progress;
  if (direction === 'back') {
    return [];
  }
  const both = leavesOverlap(strategy);
  const lookedFor: Offered[] = [
    'roll_back',
    'cancel',
    ...(both && phase === 'overlap' ? ['extend' as const] : []),
    ...(both && progress.phases.indexOf(phase) <= progress.phases.indexOf('overlap')
      ? ['revoke_now' as const]
      : []),
  ];
  const refused = lookedFor.flatMap((action) => {
    const why = refusalOf(progress, action);
    return why === null ? [] : [{ action, why }];
  });
  return refused.filter(({ why }, index) => refused.findIndex((one) => one.why === why) === index);
}

/** What an action does, and whether it can be undone. */
export interface Consequence {
  does: string;
  undo: string;
}

/** Whether the issuer may have made the new secret. */
const wasIssued = ({ steps }: Pick<Standing, 'steps'>) =>
  steps.some((step) => step.phase === 'issue' && step.direction === 'forward' && step.result !== 'failed');

/** What was told to an issuer that ends secrets by itself cannot be taken back. */
const stillEnds = (of: Standing) =>
  of.strategy === 'graced'
    ? ` The issuer was told when to end ${oldName(of)} and may still do it, so rotate anew before then.`
    : '';

function rollingBack(of: Standing): string {
  const [old, fresh] = [oldName(of), newName(of)];
  if (!wasIssued(of)) {
    return `What was begun is taken back, and ${old} stays current.`;
  }
  if (leavesOverlap(of.strategy)) {
    return `Every target that may have ${fresh} gets ${old} again; then ${fresh} is retired at the issuer.${stillEnds(of)}`;
  }
  const refused = of.strategy === 'cut-over' ? ' Consumers are refused until they have it again.' : '';
  return `The issuer takes the value of ${old} again where it was replaced, and the targets get it; ${fresh} stops working then.${refused}`;
}

/** A hold stops Rekey, and nothing else. */
function holding(of: Standing): string {
  const old = oldName(of);
  const stops = 'Rekey finishes the step it is at and begins no other until somebody resumes.';
  if (of.direction === 'forward' && of.strategy === 'graced' && of.toVersion !== null) {
    return `${stops} The issuer does not wait: it still ends ${old} at the time that was set.`;
  }
  if (of.gapStartedAt !== null) {
    return `${stops} Consumers without a secret that works stay refused meanwhile.`;
  }
  return of.direction === 'forward' && of.strategy === 'overlap' && of.toVersion !== null
    ? `${stops} Until then the old secret is not revoked, whatever the end of the overlap.`
    : stops;
}

const withoutIt = ({ targets }: Standing) =>
  targets.filter((one) => one.required && one.confirmedAt === null).map((one) => one.name);

/** What breaking the glass does: read by whoever asks for it, and by the second person who confirms it. */
export function breaking(of: Standing): string {
  const missing = withoutIt(of);
  const which = missing.length === 0 ? '' : ` Not confirmed: ${missing.join(', ')}.`;
  return `${sentence(oldName(of))} is retired at once, and every consumer that has not got ${newName(of)} is refused from then on.${which}`;
}

/** Says in plain sentences what will happen and whether there is a way back. */
export function consequence(action: Asked, of: Standing): Consequence {
  const [old, fresh] = [oldName(of), newName(of)];
  switch (action) {
    case 'roll_back':
      return {
        does: rollingBack(of),
        undo: 'It cannot be turned forward again. When it is done, you can rotate anew.',
      };
    case 'cancel':
      return {
        does: `The rotation ends here. Nothing outside was changed, and ${old} stays current.`,
        undo: 'It cannot be taken up again. You can rotate anew at any time.',
      };
    case 'hold':
      return { does: holding(of), undo: 'Resume lets it go on from where it stands.' };
    case 'confirm':
      return {
        does: 'You vouch that the target has the secret. Rekey does not ask it, and the rotation goes on.',
        undo: `It cannot be taken back: where the target has not got the secret, its consumers are refused once ${of.direction === 'back' ? fresh : old} stops working.`,
      };
    case 'extend':
      return {
        does: `Both secrets keep working for longer; ${old} is retired later.`,
        undo: 'It can be extended again, or ended at any time.',
      };
    case 'revoke_now':
      return {
        does: `Every required target is confirmed to have ${fresh}. ${sentence(old)} is retired at the issuer now, and then tried to see it refused.`,
        undo: `It cannot be undone: what still uses ${old} is refused from then on, and the rotation can no longer be rolled back.`,
      };
    case 'abandon':
      return {
        does: 'The rotation ends as it stands. Nothing is taken back, revoked or delivered: what works at the issuer goes on working, the targets keep what they hold, and the version that is current stays it.',
        undo: 'It cannot be undone, and the rotation cannot be taken up again. You can rotate anew, or archive the credential.',
      };
    case 'break_glass':
      return { does: breaking(of), undo: 'It cannot be undone, and there is no way back.' };
  }
}

/** Who else has to agree before the glass is broken, and what comes after it. */
export const secondPerson = (alone: boolean) =>
  alone
    ? 'You are the only person here who could confirm it, so you do it alone and at once. The review of it stays red until somebody has written what came of it.'
    : 'A second person has to confirm it within 30 minutes; nothing is revoked by it before. A review follows, which stays red until it has a conclusion.';

/** How much longer an overlap can be made by one click. */
export const extensions = [
  { id: '1h', label: '1 hour more', seconds: 3600 },
  { id: '24h', label: '24 hours more', seconds: 86_400 },
  { id: '7d', label: '7 days more', seconds: 7 * 86_400 },
] as const;

/** When the overlap ends once it is extended: from its end on, or from `now` on where that has passed. */
export const extendedEnd = (overlapEndsAt: string, seconds: number, now: number) =>
  new Date(Math.max(Date.parse(overlapEndsAt), now) + seconds * 1000).toISOString();

/** The required and other targets that a person can vouch for now. Core decides; this spares it the obvious ones. */
export function vouchable({
  phase,
  targets,
}: Pick<RotationProgress, 'phase' | 'targets'>): RotationProgress['targets'] {
  const waits = (target: RotationProgress['targets'][number]) =>
    phase.endsWith('_next') || target.level === null || target.confirmedAt === null;
  return targets.filter(waits);
}

/** What is known of the secret that was retired: that it is refused, or that nobody could try it. */
export function refusalWords(
  retired: string,
  { provenDead, issuer }: Pick<RotationProgress, 'provenDead' | 'issuer'>,
): string {
  return provenDead
    ? `Signing in with ${retired} is refused.`
    : `Nobody tried whether ${retired} is refused: ${issuer} takes no failed sign-in for it.`;
}

/** How a rotation ended that did not complete: what state things are in. Null for one that completed. */
export function endedWords(
  outcome: string,
  of: Standing & Pick<RotationProgress, 'provenDead' | 'issuer'>,
): string | null {
  const [old, fresh] = [oldName(of), newName(of)];
  switch (outcome) {
    case 'completed':
      return null;
    case 'cancelled':
      return `Nothing outside was changed: ${old} stays current.`;
    case 'abandoned':
      return 'It was ended as it stood, and nothing was taken back: its last event says what may still work at the issuer, and what each target may hold.';
    case 'superseded':
      return 'Another rotation took its place because of a breach, and retires what this one left working at the issuer.';
    case 'rolled_back':
      return wasIssued(of)
        ? `${sentence(old)} is current again. ${sentence(fresh)} was retired. ${refusalWords(fresh, of)}${stillEnds(of)}`
        : `No new secret came into use: ${old} is current as before.`;
    default:
      return 'Look at the audit log for how it ended.';
  }
}
