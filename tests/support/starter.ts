import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

export interface Starter {
  readonly process: ChildProcess;
  /** What it printed until it said that it is ready. */
  readonly said: string;
  /** Ends it the hard way, as the kernel does when memory runs out. */
  kill(): Promise<void>;
}

/** Runs statements in a process of its own, until they print a line `ready`; it is killed when the test ends. */
export async function startProcess(statements: string): Promise<Starter> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', statements], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('ready\n')) resolve();
    });
    ended.then(() => reject(new Error(`The process ended before it was ready: ${said}`)));
  });
  return { process: child, said, kill };
}
