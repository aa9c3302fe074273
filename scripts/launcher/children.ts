import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** One process of ours, in its own process group, tied to us by an IPC channel: it leaves when the channel closes. */
export interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  /** Asks it to finish what it does and leave; ends it hard after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

const lastWords = (logFile: string) => fs.readFileSync(logFile, 'utf8').slice(-3000).trim();

/**
 * Starts `script` under tsx, with its output in `<logDir>/<name>.log`, and waits until it says that it is ready.
 * Throws with its last words when it ends before that.
 */
export async function startChild(
  name: string,
  script: string,
  { env, logDir }: { env: NodeJS.ProcessEnv; logDir: string },
): Promise<Child> {
  fs.mkdirSync(logDir, { recursive: true });
  const logFile = path.join(logDir, `${name.replaceAll(' ', '-')}.log`);
  const log = fs.openSync(logFile, 'w', 0o600);
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, script)], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  fs.closeSync(log);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message) => message === 'ready' && resolve());
  });
  const early = ended.then((code) => {
    throw new Error(
      `The ${name} ended while starting (code ${code}). Its last words, from ${logFile}:\n${lastWords(logFile)}`,
    );
  });
  await Promise.race([ready, early]);
  early.catch(() => {});
  return {
    name,
    process: child,
    ended,
    stop: async (graceMs = 10_000) => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
