import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';

/** A program that cannot be run at all, with the exit code that shells have for that. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
  readonly code: 126 | 127;

  constructor(program: string, reason: string | undefined) {
    const isMissing = reason === 'ENOENT';
    super(
      isMissing
        ? `There is no program ${program}. Nothing was started.`
        : `${program} cannot be run (${reason ?? 'it was refused'}). Nothing was started.`,
    );
    this.code = isMissing ? 127 : 126;
  }
}

/** How a program ended, as an exit code; a signal is 128 and its number, as in shells. */
function codeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : os.constants.signals[signal]);
}

export interface Running {
  readonly ended: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a program with our input and outputs. Throws `NotStarted`. */
export async function startChild(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Running> {
  let child: ChildProcess;
  try {
    child = spawn(program, args, { env, stdio: 'inherit' });
    const ended = once(child, 'exit').then(([code, signal]) => codeOf(code, signal));
    // Where it was never started, `spawn` below says so.
    ended.catch(() => undefined);
    await once(child, 'spawn');
    return { ended, kill: (signal) => child.kill(signal) };
  } catch (error) {
    throw new NotStarted(program, (error as NodeJS.ErrnoException).code);
  }
}

const passed = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;

/** A terminal sends these to the whole group, so the program has them already. */
const fromTerminal: readonly string[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];

/** After these the program is not started again. */
const leaving: readonly string[] = ['SIGTERM', 'SIGINT'];

/** A program may live through these, so they ask to leave only while none runs that they are for. */
const leavingBetween: readonly string[] = ['SIGHUP', 'SIGQUIT'];

/**
 * Passes signals on to what `current` answers. Answers whether one has come that asks to leave; `isBetween` says whether the
 * program is being started, or ended for a new version.
 */
export function passSignals(
  current: () => Running | null,
  isBetween: () => boolean,
): { leaves: () => boolean; stop: () => void } {
  let isLeaving = false;
  const pass = (signal: NodeJS.Signals) => {
    isLeaving ||= leaving.includes(signal) || (isBetween() && leavingBetween.includes(signal));
    if (!(process.stdin.isTTY && fromTerminal.includes(signal))) current()?.kill(signal);
  };
  for (const signal of passed) process.on(signal, pass);
  return {
    leaves: () => isLeaving,
    stop: () => {
      for (const signal of passed) process.off(signal, pass);
    },
  };
}

/** Asks a program to end, waits, and kills it where it does not. */
export async function endChild(child: Running, seconds: number): Promise<number> {
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  child.kill('SIGTERM');
  return child.ended.finally(() => clearTimeout(timer));
}
