import { type Command, textOf, type Values } from '#cli/command.ts';
import { isTyped } from '#cli/confirm.ts';
import { durationOf } from '#cli/duration.ts';
import { readSecret } from '#cli/read-secret.ts';
import { Api, RemoteError } from '#cli/remote/api.ts';
import {
  pageOf,
  type Rotation,
  readRotation,
  refused,
  requireRotationId,
  rotation,
} from '#cli/remote/rotation.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

/* What can be done about a rotation, named as the API and the console name it. */

const wrong = (sentence: string) => new Problem(400, 'usage', `${sentence} Nothing was changed.`);

interface Act {
  /** What follows the ID where it is typed, and what it does. */
  readonly typed: string;
  readonly does: string;
  readonly options: Command['options'];
  /** There is no way back, so a person types the name of the credential. */
  readonly isFinal?: true;
  readonly body: (values: Values, state: Rotation) => unknown;
  /** What is said when it is done. */
  readonly done: (after: Rotation, api: Api) => string;
}

const named = 'NAME is a target’s,\n      or the ID of a binding where more than one is of that target';

const text = { type: 'string' } as const;
const maybeReason = (values: Values) => ({ reason: textOf(values, 'reason') });

function reasonOf(values: Values): { reason: string } {
  const reason = textOf(values, 'reason');
  if (reason === undefined) throw wrong('Say why with --reason: the audit keeps it.');
  return { reason };
}

/** The binding of a target that is named; null where none is. */
function bindingOf({ targets }: Rotation, name: string | undefined): string | null {
  if (name === undefined) return null;
  const found = targets.filter((target) => target.name === name || target.bindingId === name);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    const known = targets.map((target) => `${target.name} (${target.bindingId})`).join(', ');
    const why = only === undefined ? 'has no target called' : 'has more than one target called';
    throw wrong(`The rotation ${why} ${name}. Its targets: ${known}.`);
  }
  return only.bindingId;
}

function confirmBody(values: Values, state: Rotation) {
  const bindingId = bindingOf(state, textOf(values, 'target'));
  if (bindingId === null) {
    const names = state.targets.map(({ name }) => name).join(', ');
    throw wrong(`Say with --target which target has the secret: ${names}.`);
  }
  return { bindingId, ...reasonOf(values) };
}

function durationBody(values: Values) {
  const duration = durationOf(values, 'duration');
  if (duration === undefined) {
    throw wrong('Say with --duration how long from now on both secrets shall work, such as 4h.');
  }
  return { duration };
}

const acts: Readonly<Record<string, Act>> = {
  hold: {
    typed: '[--reason R]',
    does: 'stops it where it is, after the step that it is at',
    options: { reason: text },
    body: maybeReason,
    done: ({ id }) => `Held. It goes on with: rekey rotations resume ${id}`,
  },
  resume: {
    typed: '',
    does: 'lets a held rotation go on',
    options: {},
    body: () => ({}),
    done: () => 'Resumed.',
  },
  retry: {
    typed: '[--target NAME]',
    does: `delivers again at once, also where a target asked for time: to all targets, or to one. ${named}`,
    options: { target: text },
    body: (values, state) => ({ bindingId: bindingOf(state, textOf(values, 'target')) ?? undefined }),
    done: () => 'It is delivered again.',
  },
  'try-now': {
    typed: '',
    does: 'makes the next attempt now, where one has failed; it counts like the others',
    options: {},
    body: () => ({}),
    done: () => 'It is tried now.',
  },
  cancel: {
    typed: '[--reason R]',
    does: 'ends it while it has changed nothing outside',
    options: { reason: text },
    body: maybeReason,
    done: () => 'Cancelled.',
  },
  'roll-back': {
    typed: '[--reason R] [--yes]',
    does: 'turns it back, before its point of no return. It asks first',
    options: { reason: text },
    isFinal: true,
    body: maybeReason,
    done: () => 'It is being rolled back.',
  },
  confirm: {
    typed: '--target NAME --reason R [--yes]',
    does: `vouches that a target has the secret; the target is not asked. It asks first. ${named}`,
    options: { target: text, reason: text },
    isFinal: true,
    body: confirmBody,
    done: () => 'Confirmed by hand.',
  },
  extend: {
    typed: '--duration 4h',
    does: 'lets both secrets work for so long from now on',
    options: { duration: text },
    body: durationBody,
    done: ({ overlap }) => `Extended: both secrets work until ${overlap.endsAt}.`,
  },
  'revoke-now': {
    typed: '[--reason R] [--yes]',
    does: 'ends the overlap now: the old secret is revoked. It asks first',
    options: { reason: text },
    isFinal: true,
    body: maybeReason,
    done: () => 'The overlap ends now.',
  },
  'break-glass': {
    typed: '--reason R [--yes]',
    does: 'asks to revoke the old secret although not every required target is confirmed; a second person decides',
    options: { reason: text },
    isFinal: true,
    body: reasonOf,
    done: ({ breakGlass }, api) =>
      `Asked. A second person confirms it until ${breakGlass?.until}: ${api.page('/approvals')}`,
  },
  abandon: {
    typed: '--reason R [--yes]',
    does: 'ends a held one as it stands, where it can be neither cancelled nor rolled back. It asks first',
    options: { reason: text },
    isFinal: true,
    body: reasonOf,
    done: () => 'Abandoned. What may still work where stands in its last event.',
  },
  'submit-secret': {
    typed: '< FILE',
    does: 'gives the new secret of an assisted rotation, from standard input',
    options: {},
    body: async () => {
      const secret = await readSecret('New secret');
      if (secret.expose() === '') throw wrong('The secret on standard input is empty.');
      return { secret: secret.expose() };
    },
    done: () => 'Given. It is stored once the issuer accepts it.',
  },
};

const actionOf = (name: string) => name.replaceAll('-', '_');

/** Throws what the rotation says against it now, with what is offered instead. */
function requireOffered(state: Rotation, name: string): void {
  const found = state.actions.find(({ action }) => action === actionOf(name));
  if (found?.refusal != null) throw refused(`${found.refusal} Nothing was changed.`, state);
}

/** Whether a person who has read what happens, and that there is no way back, says yes. */
async function isWanted(state: Rotation, name: string, values: Values): Promise<boolean> {
  const { does = null, undo = null } = state.actions.find(({ action }) => action === actionOf(name)) ?? {};
  const lines = [`${name}: ${state.credential}, rotation ${state.id}`, does, state.standing, undo];
  console.error(lines.filter(Boolean).join('\n'));
  return values.yes === true || isTyped(state.credential, `Type ${state.credential} to do it: `);
}

/** Sends it; where it is refused because the rotation has moved on, the refusal says what is offered now. */
async function send(api: Api, { id }: Rotation, name: string, body: unknown): Promise<Rotation> {
  try {
    return rotation.parse((await api.post(`/rotations/${id}/${name}`, body)).body);
  } catch (error) {
    if (!(error instanceof RemoteError) || error.status !== 409) throw error;
    throw refused(error.message, await readRotation(api, id));
  }
}

async function perform(name: string, act: Act, id: string, values: Values): Promise<void> {
  const api = new Api(readSettings());
  const before = await readRotation(api, id);
  requireOffered(before, name);
  const body = await act.body(values, before);
  if (act.isFinal && !(await isWanted(before, name, values))) {
    console.error('Nothing was changed.');
    process.exitCode = 1;
    return;
  }
  const after = await send(api, before, name, body);
  if (values.json === true) {
    console.log(JSON.stringify(after, null, 2));
    return;
  }
  const goesOn = after.outcome === null && after.hold === null;
  const follow = goesOn ? [`To follow it: rekey rotations show ${id} --watch`] : [];
  console.log(
    [`${after.credential}: ${act.done(after, api)}`, after.standing, ...follow].filter(Boolean).join('\n'),
  );
  if (after.hold !== null && name !== 'hold') console.log(`Page: ${pageOf(api, after)}`);
}

/** A command for each action that the API has for a program; approving and the like are for people in the console. */
export const actOnRotationCommands: readonly Command[] = Object.entries(acts).map(([name, act]) => ({
  words: ['rotations', name],
  operands: 1,
  usage: `rekey rotations ${name} ID ${act.typed}${act.typed === '' ? '' : ' '}[--json]
      ${act.does}`,
  options: {
    ...act.options,
    ...(act.isFinal ? { yes: { type: 'boolean' } as const } : {}),
    json: { type: 'boolean' },
  },
  run: ([id], values) => perform(name, act, requireRotationId(id), values),
}));
