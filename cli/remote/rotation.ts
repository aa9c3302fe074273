import { z } from 'zod';
import { type Api, RemoteError } from '#cli/remote/api.ts';
import { type End, exits } from '#cli/remote/waiting.ts';
import { Problem } from '#lib/problem.ts';

const step = z.looseObject({
  phase: z.string(),
  direction: z.string(),
  bindingId: z.string().nullable().default(null),
  target: z.string().nullable(),
  attempt: z.number(),
  counts: z.boolean().default(true),
  result: z.string().nullable(),
  error: z.string().nullable(),
});

const action = z.looseObject({
  action: z.string(),
  refusal: z.string().nullable(),
  does: z.string().nullable().default(null),
  undo: z.string().nullable().default(null),
});

const target = z.looseObject({
  bindingId: z.string(),
  name: z.string(),
  required: z.boolean(),
  needs: z.string(),
  level: z.string().nullable(),
  confirmedAt: z.string().nullable(),
});

const hold = z.looseObject({
  reason: z.string(),
  sentence: z.string(),
  next: z.string(),
  detail: z.string().nullable(),
  actions: z.array(z.string()).default([]),
});

/** A rotation as the API answers it; what a command does not read is kept for `--json`. A server of before says less. */
export const rotation = z.looseObject({
  id: z.string(),
  credential: z.string(),
  issuer: z.string(),
  strategy: z.string(),
  phase: z.string(),
  phases: z.array(z.string()),
  direction: z.string(),
  outcome: z.string().nullable(),
  hold: hold.nullable(),
  standing: z.string().default(''),
  paused: z.string().nullable(),
  awaitsWorker: z.boolean().default(false),
  reason: z.string().nullable(),
  ticket: z.string().nullable(),
  requestedBy: z.string(),
  fromVersion: z.number().nullable(),
  toVersion: z.number().nullable(),
  overlap: z.looseObject({ endsAt: z.string().nullable() }),
  breakGlass: z.looseObject({ state: z.string(), until: z.string() }).nullable(),
  actions: z.array(action),
  targets: z.array(target),
  steps: z.array(step),
  task: z.looseObject({ link: z.string(), steps: z.array(z.string()) }).nullable(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  nextAttemptAt: z.string().nullable(),
});

export type Rotation = z.output<typeof rotation>;

/** A failure that may have taken effect all the same is one, too. */
export const didFail = ({ result }: Rotation['steps'][number]) => result === 'failed' || result === 'unknown';

/** The id of a rotation as it was typed. Throws a `Problem` for what is none. */
export function requireRotationId(given: string | undefined): string {
  if (given === undefined) throw new Problem(400, 'usage', 'It takes the ID of a rotation.');
  if (!z.guid().safeParse(given).success) {
    const sentence = `${given} is no id of a rotation. Of a credential: rekey rotations list --credential '${given}'`;
    throw new Problem(400, 'usage', sentence);
  }
  return given;
}

/** One rotation as it stands now. Throws `RemoteError`. */
export const readRotation = async (api: Api, id: string, signal?: AbortSignal): Promise<Rotation> =>
  rotation.parse((await api.get(`/rotations/${id}`, signal === undefined ? {} : { signal })).body);

/** Where a person sees it and can act. */
export const pageOf = (api: Api, { id, hold }: Rotation) =>
  api.page(`/${hold?.reason === 'approval_pending' ? 'approvals' : 'rotations'}/${id}`);

/** What is said where a command ends before the rotation: what state things are in, and how to look again. */
export function goesOn({ id, awaitsWorker, standing }: Rotation): string {
  const again = `To look again: rekey rotations show ${id}; to wait again: rekey rotations wait ${id}`;
  const untaken = awaitsWorker ? 'No worker has taken it up yet. ' : '';
  return `${untaken}${standing} The rotation goes on. ${again}`.trimStart();
}

/** Why it is held, what was said about it, and what to do: a line each. */
export const holdLines = ({ sentence, detail, next }: NonNullable<Rotation['hold']>) =>
  [sentence, detail ?? '', next].filter((line) => line !== '');

/** The same, where lines of another kind come before. */
export function heldLines(hold: NonNullable<Rotation['hold']>): string[] {
  const [why = '', ...rest] = holdLines(hold);
  return [`Held: ${why}`, ...rest];
}

/** What is added to an action's name where it is typed. */
const typed: Readonly<Record<string, string>> = {
  confirm: ' --target NAME --reason …',
  extend: ' --duration 4h',
  break_glass: ' --reason …',
  submit_secret: ' < FILE',
};

/** What can be done now, what is safe about a hold first. */
function offered({ actions, hold }: Rotation): Rotation['actions'] {
  const rank = (name: string) => (hold?.actions.includes(name) ? hold.actions.indexOf(name) : actions.length);
  return actions
    .filter(({ refusal }) => refusal === null)
    .toSorted((a, b) => rank(a.action) - rank(b.action));
}

const commandOf = (id: string, action: string) =>
  `  rekey rotations ${action.replaceAll('_', '-')} ${id}${typed[action] ?? ''}`;

/** The commands for what can be done now, and what each would do. */
export function explainedLines(state: Rotation): string[] {
  const lines = offered(state).flatMap(({ action, does, undo }) => [
    commandOf(state.id, action),
    ...(does === null ? [] : [`      ${does} ${undo ?? ''}`.trimEnd()]),
  ]);
  return lines.length === 0 ? [] : ['What can be done now:', ...lines];
}

/** The commands alone. */
function offeredLines(state: Rotation): string[] {
  const lines = offered(state).map(({ action }) => commandOf(state.id, action));
  return lines.length === 0
    ? []
    : ['What can be done now; rekey rotations show says what each would do:', ...lines];
}

/** What a person does at the vendor, and where they go on. */
function taskLines(api: Api, state: Rotation): string[] {
  const { id, task } = state;
  return [
    `It waits for a person: ${pageOf(api, state)}`,
    state.standing,
    ...(task === null
      ? []
      : [`At the vendor, ${task.link}`, ...task.steps.map((one, n) => `  ${n + 1}. ${one}`)]),
    `Then paste the new secret on that page, or: rekey rotations submit-secret ${id} < FILE`,
  ];
}

/** What can be done about one that has ended without its new version in use. */
function afterwards({ id, credential, outcome }: Rotation): string {
  const again = `rekey rotate '${credential}' --wait`;
  switch (outcome) {
    case 'cancelled':
      return `To rotate it after all: ${again}`;
    case 'superseded':
      return `To find the rotation that took its place: rekey rotations list --credential '${credential}'`;
    default:
      return `To see what happened: rekey rotations show ${id}; to rotate it again: ${again}`;
  }
}

/** What is said where a pause keeps it, which is for a person to end. */
function pausedLines({ id, paused, standing }: Rotation, page: string): string[] {
  const what = paused === 'everything' ? 'Everything' : `Its ${paused}`;
  return [
    `${what} is paused, so it waits.`,
    standing,
    `It goes on by itself once the pause is over. To follow it until then: rekey rotations show ${id} --watch`,
    page,
  ];
}

/** Where waiting for the new version to be in use ends; null while it goes on by itself. */
export function endOf(api: Api, state: Rotation): End | null {
  const { outcome, hold, paused, phase, direction, overlap, standing, credential } = state;
  if (outcome === 'completed') return { say: ['Completed.', standing], code: exits.done };
  if (outcome !== null) {
    const ended = `The rotation of ${credential} was ${outcome.replaceAll('_', ' ')}.`;
    return { say: [ended, standing, afterwards(state)], code: exits.undone };
  }
  const page = `Page: ${pageOf(api, state)}`;
  if (hold !== null) {
    return { say: [...heldLines(hold), standing, ...offeredLines(state), page], code: exits.held };
  }
  if (paused !== null) return { say: pausedLines(state, page), code: exits.held };
  if (phase === 'await_secret') return { say: taskLines(api, state), code: exits.held };
  if (phase === 'overlap' && direction === 'forward') {
    const until = overlap.endsAt === null ? '' : ` until ${overlap.endsAt}`;
    return { say: [`The new version is in use. The old one works${until}.`], code: exits.done };
  }
  return null;
}

/** A refusal with what is offered instead. */
export const refused = (sentence: string, state: Rotation) =>
  new RemoteError([sentence, ...offeredLines(state)].join('\n'));
