import { type Command, textOf, type Values } from '#cli/command.ts';
import { durationOf, secondsOf } from '#cli/duration.ts';
import { Api } from '#cli/remote/api.ts';
import { findCredential } from '#cli/remote/credentials.ts';
import { followRotation } from '#cli/remote/follow-rotation.ts';
import { rotateWhere } from '#cli/remote/rotate-where.ts';
import { heldLines, pageOf, type Rotation, rotation } from '#cli/remote/rotation.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

const wrong = (sentence: string) => new Problem(400, 'usage', `${sentence} Nothing was started.`);

/** What one credential takes and a batch does not. */
const ofOne = ['grace-after-use', 'ticket', 'breach'];

/** Refuses options that say nothing together, before anything is asked. */
function requireSense(name: string | undefined, values: Values): void {
  if ((name === undefined) === (textOf(values, 'where') === undefined)) {
    throw wrong('It takes the NAME of a credential, or --where for several.');
  }
  const stray = ofOne.find((option) => values[option] !== undefined);
  if (name === undefined && stray !== undefined)
    throw wrong(`--${stray} is of one credential, not of --where.`);
  if (textOf(values, 'timeout') !== undefined && values.wait !== true) {
    throw wrong('--timeout says how long to --wait.');
  }
  if (values.breach !== true) return;
  if (textOf(values, 'grace') !== undefined || textOf(values, 'grace-after-use') !== undefined) {
    throw wrong('--breach leaves no overlap, so it takes no --grace.');
  }
  if (textOf(values, 'reason') === undefined) {
    throw wrong('Say with --reason what happened: the audit keeps it.');
  }
}

const begunLine = ({ id, strategy }: Rotation, existing: boolean) =>
  `${existing ? 'Already under way' : 'Requested'}: rotation ${id}, ${strategy}`;

/** What it is now, for whoever does not wait. */
function begunLines(api: Api, state: Rotation, existing: boolean): string[] {
  const { hold } = state;
  return [
    begunLine(state, existing),
    ...(hold === null ? [] : [...heldLines(hold), `Page: ${pageOf(api, state)}`]),
    ...(state.strategy === 'assisted' ? [`A person has to rotate at the vendor: ${pageOf(api, state)}`] : []),
  ];
}

async function rotateOne(api: Api, name: string, values: Values): Promise<void> {
  const seconds = secondsOf(values, 'timeout');
  const wish = {
    gracePeriod: durationOf(values, 'grace'),
    graceAfterUse: durationOf(values, 'grace-after-use'),
    reason: textOf(values, 'reason'),
    ticket: textOf(values, 'ticket'),
    priority: values.breach === true ? 'breach' : undefined,
  };
  const isJson = values.json === true;
  const say = isJson ? console.error : console.log;
  const { body, headers } = await api.post(`/credentials/${await findCredential(api, name)}/rotations`, wish);
  const first = rotation.parse(body);
  const existing = headers.get('rekey-existing') === 'true';
  if (values.wait !== true) {
    say(begunLines(api, first, existing).join('\n'));
    if (isJson) console.log(JSON.stringify(first, null, 2));
    else say(`To look at it: rekey rotations show ${first.id}`);
    return;
  }
  say(begunLine(first, existing));
  const { state, code } = await followRotation({ api, first, say, seconds });
  if (isJson) console.log(JSON.stringify(state, null, 2));
  process.exitCode = code;
}

export const rotateCommand: Command = {
  words: ['rotate'],
  operands: 1,
  usage: `rekey rotate NAME [--grace 1d] [--grace-after-use 1h] [--reason R] [--ticket T] [--wait [--timeout 15m]] [--json]
      rotates the credential; with --wait it follows until the new version is in use. Exit codes with --wait:
      0 completed or in its overlap, 2 held, paused or waiting for a person, 3 rolled back, cancelled, superseded or abandoned,
      4 --timeout has passed, and the rotation goes on; 1 is an error. --json prints the rotation, and all else to stderr
  rekey rotate NAME --breach --reason R [--ticket T] [--wait [--timeout 15m]] [--json]
      the secret is in the wrong hands: ends an open rotation, retires what earlier ones left, and leaves no overlap
  rekey rotate --where 'environment:staging label:edge' --reason R [--grace 1d] [--yes] [--wait [--timeout 1h]] [--json]
      rotates all that fit as one batch, after it has shown which; also issuer:…, target:…, owner:… and words. Exit codes
      as above: 3 where one ended without its new version, 2 where one waits for a person`,
  options: {
    grace: { type: 'string' },
    'grace-after-use': { type: 'string' },
    reason: { type: 'string' },
    ticket: { type: 'string' },
    breach: { type: 'boolean' },
    wait: { type: 'boolean' },
    timeout: { type: 'string' },
    where: { type: 'string' },
    yes: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async ([name], values) => {
    requireSense(name, values);
    const api = new Api(readSettings());
    if (name === undefined) await rotateWhere(api, textOf(values, 'where') ?? '', values);
    else await rotateOne(api, name, values);
  },
};
