import { type ChildProcess, fork } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** A sample process as the launcher starts it, with nothing of this environment but PATH; killed when the test is over. */
export function forkSample(path: string, environment: Record<string, string>): ChildProcess {
  const child = fork(path, {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH, NODE_ENV: 'test', ...environment },
    silent: true,
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** The same, once it has said where it is ready. */
export async function aProcess(path: string, environment: Record<string, string>) {
  const child = forkSample(path, environment);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${path} left before it was ready.`)));
    child.stdout?.on('data', (chunk) => {
      const ready = /ready at (\S+)/.exec(String(chunk))?.[1];
      if (ready) resolve(ready);
    });
  });
  return { child, url };
}
