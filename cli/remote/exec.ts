import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, textOf, textsOf, type Values } from '#cli/command.ts';
import { Api, RemoteError } from '#cli/remote/api.ts';
import { endChild, NotStarted, passSignals, type Running, startChild } from '#cli/remote/exec-child.ts';
import { fetchSecret, findBinding, type Held, report, say, waitForOther } from '#cli/remote/exec-secret.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

/** Rekey's own failure, before anything was started: a code that programs do not use. */
const NOT_STARTED = 125;

const usage = `rekey exec --binding B [--as VAR|VAR=KEY]… [--watch restart|signal=SIGHUP] [--settle S] [--stop-after S] -- CMD [ARG]…
      runs a program with the secret that it fetches as a consumer in its environment, and reports the version.
      B is the id of a binding, or CREDENTIAL, or CREDENTIAL/TARGET. Its exit code is the program’s; 125: not started`;

/** How a program gets a new version: it is ended and started again, either way. */
type Watch = { readonly signal: NodeJS.Signals | null } | null;

interface Wish {
  readonly bindingId: string;
  readonly names: ReadonlyMap<string, string>;
  /** The name for the one value of a binding that has one. */
  readonly as: string | undefined;
  readonly watch: Watch;
  readonly settleSeconds: number;
  readonly stopSeconds: number;
  readonly program: string;
  readonly args: readonly string[];
}

const wrong = (sentence: string) => new Problem(400, 'usage', `${sentence}\nusage: ${usage}`);

function watchOf(text: string | undefined): Watch {
  if (text === undefined) return null;
  if (text === 'restart') return { signal: null };
  const signal = /^signal=(SIG\w+)$/.exec(text)?.[1];
  if (signal === undefined || !(signal in os.constants.signals)) {
    throw wrong(`--watch is restart, or signal= and a signal such as SIGHUP; not ${text}.`);
  }
  return { signal: signal as NodeJS.Signals };
}

function secondsOf(values: Values, name: string, usual: number): number {
  const text = textOf(values, name);
  if (text === undefined) return usual;
  if (!/^\d{1,5}(\.\d+)?$/.test(text)) throw wrong(`--${name} is a number of seconds, not ${text}.`);
  return Number(text);
}

const isVariable = (name: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** `--as VAR` names the one value; `--as VAR=KEY` those of a binding with several. */
function namesOf(given: readonly string[]): Pick<Wish, 'as' | 'names'> {
  const pairs = given.map((text) => text.split('=', 2));
  for (const [name = ''] of pairs) {
    if (!isVariable(name)) throw wrong(`${name} is no name of a variable.`);
  }
  const [first] = pairs;
  if (pairs.length > 1 && pairs.some(([, key]) => key === undefined)) {
    throw wrong('--as is given several times, so each says of which key: --as VAR=KEY.');
  }
  if (first?.length === 1) return { as: first[0], names: new Map() };
  return { as: undefined, names: new Map(pairs.map(([name = '', key = '']) => [key, name])) };
}

function refuseNames(sentence: string): never {
  throw new RemoteError(`${sentence} Nothing was started.`);
}

/** Key of the binding to variable. */
function variablesOf({ as, names }: Wish, { entries }: Held): [key: string, variable: string][] {
  const keys = Object.keys(entries);
  if (as !== undefined && keys.length > 1) {
    refuseNames(`The binding has the keys ${keys.join(', ')}. Say --as VAR=KEY.`);
  }
  for (const key of names.keys()) {
    if (!keys.includes(key)) refuseNames(`The binding has no key ${key}. It has ${keys.join(', ')}.`);
  }
  const pairs = keys.map((key): [string, string] => [key, as ?? names.get(key) ?? key]);
  const bad = pairs.find(([, variable]) => !isVariable(variable));
  if (bad !== undefined) refuseNames(`The key ${bad[0]} is no name of a variable. Say --as VAR=${bad[0]}.`);
  if (new Set(pairs.map(([, variable]) => variable)).size < pairs.length) {
    refuseNames('Two keys of the binding would be one variable.');
  }
  return pairs;
}

/** Our environment with the secret, and without the one by which we ask: the program asks for nothing. */
function environmentFor(wish: Wish, held: Held): NodeJS.ProcessEnv {
  const { REKEY_CLIENT_SECRET: _, ...env } = process.env;
  const { entries, next } = held;
  for (const [key, variable] of variablesOf(wish, held)) {
    const beside = next?.entries[key];
    delete env[`${variable}_NEXT`];
    env[variable] = entries[key]?.expose();
    if (beside !== undefined) env[`${variable}_NEXT`] = beside.expose();
  }
  return env;
}

/** Reports the version once the program has run for a while, or has ended well. One that fails at once shows nothing. */
async function reportStarted(api: Api, wish: Wish, held: Held, child: Running, signal: AbortSignal) {
  const settled = sleep(wish.settleSeconds * 1000, null, { signal }).catch(() => undefined);
  const code = await Promise.race([child.ended, settled]);
  // Another version has come meanwhile.
  if (code === undefined) return;
  if (code === null || code === 0) await report(api, wish.bindingId, held.version, signal);
  else say(`The program ended with ${code} at once, so its version is not reported as in use.`);
}

/** Ends the program in the way that was wished for. */
function end(child: Running, { watch, stopSeconds }: Wish): Promise<number> {
  if (watch?.signal) {
    child.kill(watch.signal);
    return child.ended;
  }
  return endChild(child, stopSeconds);
}

/** Runs the program, again for each new version where that is wished for, until it ends by itself or is told to. */
async function supervise(api: Api, wish: Wish, first: Held): Promise<number> {
  let current: Running | null = null;
  let isBetween = true;
  const signals = passSignals(
    () => current,
    () => isBetween,
  );
  try {
    for (let held = first; ; ) {
      const child = await startChild(wish.program, wish.args, environmentFor(wish, held));
      current = child;
      isBetween = false;
      if (signals.leaves()) child.kill('SIGTERM');
      const over = new AbortController();
      const reporting = reportStarted(api, wish, held, child, over.signal);
      const ended = child.ended.then(() => null);
      const other =
        wish.watch === null
          ? await ended
          : await Promise.race([ended, waitForOther(api, wish.bindingId, held.tag, over.signal)]);
      if (other === null) {
        over.abort();
        // A report that is on its way gets its one try.
        await reporting;
        return child.ended;
      }
      over.abort();
      isBetween = true;
      say(`Version ${other.version} is served. The program is started again with it.`);
      const code = await end(child, wish);
      if (signals.leaves()) return code;
      held = other;
    }
  } finally {
    signals.stop();
  }
}

async function exec(operands: readonly string[], values: Values): Promise<number> {
  const [program, ...args] = operands;
  const given = textOf(values, 'binding');
  if (program === undefined || given === undefined)
    throw wrong('It takes --binding, and a program after --.');
  const wish = {
    ...namesOf(textsOf(values, 'as')),
    watch: watchOf(textOf(values, 'watch')),
    settleSeconds: secondsOf(values, 'settle', 2),
    stopSeconds: secondsOf(values, 'stop-after', 10),
    program,
    args,
  };
  const api = new Api(readSettings());
  const bindingId = await findBinding(api, given);
  const held = await fetchSecret(api, bindingId);
  if (held === null) throw new RemoteError('Rekey answered nothing. Nothing was started.');
  return supervise(api, { ...wish, bindingId }, held);
}

export const execCommand: Command = {
  words: ['exec'],
  operands: Number.POSITIVE_INFINITY,
  afterDashes: true,
  typedWrong: NOT_STARTED,
  usage,
  options: {
    binding: { type: 'string' },
    as: { type: 'string', multiple: true },
    watch: { type: 'string' },
    settle: { type: 'string' },
    'stop-after': { type: 'string' },
  },
  run: async (operands, values) => {
    try {
      process.exitCode = await exec(operands, values);
    } catch (error) {
      if (!(error instanceof Problem || error instanceof RemoteError || error instanceof NotStarted))
        throw error;
      say(error.message);
      process.exitCode = error instanceof NotStarted ? error.code : NOT_STARTED;
    }
  },
};
