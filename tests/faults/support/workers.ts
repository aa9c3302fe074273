import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { TRUST_MS } from '#core/rotation/commit-step.ts';

const FOLDER = 'node_modules/.cache/rekey-faults';

/** What a bundle of ES modules needs so that the packages in it find `require` and their own place. */
const BANNER = `
import { createRequire as __faultsRequire } from 'node:module';
const require = __faultsRequire(import.meta.url);
const __filename = new URL(import.meta.url).pathname;
const __dirname = __filename.replace(/\\/[^/]*$/, '');`;

/** Bundles the worker, so that a new one starts in a sixth of a second. Answers the file, which the caller removes. */
export async function bundleWorker(): Promise<string> {
  const outfile = path.resolve(FOLDER, `worker-${process.pid}.mjs`);
  await build({
    entryPoints: ['tests/faults/worker.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['pino', 'ioredis', 'pg-native'],
    banner: { js: BANNER },
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

type State = 'resting' | 'working' | 'frozen' | 'dead';

/** One worker process, in a process group of its own. */
export class FaultyWorker {
  state: State = 'resting';
  output = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly ready: Promise<void>;
  #whenFrozen = () => {};
  #frozenAt = 0;

  constructor(script: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.state = 'dead';
        resolve();
      });
    });
    this.ready = this.#hears('ready');
  }

  work(): void {
    this.state = 'working';
    this.#child.send({ say: 'work' });
  }

  /** Lets it finish what it is at, and then do nothing. One that is frozen meanwhile rests as it is. */
  async rest(): Promise<void> {
    if (this.state === 'working') {
      const resting = this.#hears('resting');
      this.#child.send({ say: 'rest' });
      const frozen = new Promise<void>((resolve) => {
        this.#whenFrozen = resolve;
      });
      await Promise.race([resting, frozen]);
      this.state = this.state === 'working' ? 'resting' : this.state;
    }
  }

  /** SIGKILL, awaited: afterwards the process does nothing any more. */
  async kill(): Promise<void> {
    if (this.state !== 'dead') {
      this.state = 'dead';
      this.#signal('SIGKILL');
    }
    await this.#exited;
  }

  /** SIGSTOP, awaited: afterwards the process stands still until `thaw`. */
  async freeze(): Promise<void> {
    this.state = 'frozen';
    this.#signal('SIGSTOP');
    for (let n = 0; n < 200 && !this.#isStopped(); n += 1) {
      await sleep(1);
    }
    this.#frozenAt = performance.now();
    this.#whenFrozen();
  }

  /**
   * A lease that is over was frozen through in real time. Here the clock is moved instead, so the worker stands still at
   * least for as long as it goes by the last answer that it holds the rotation.
   */
  async thaw(): Promise<void> {
    await sleep(Math.max(0, this.#frozenAt + TRUST_MS + 5 - performance.now()));
    this.state = 'working';
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      process.kill(-pid, signal);
    }
  }

  #isStopped(): boolean {
    try {
      return /\) [Tt] /.test(fs.readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  }

  /** Resolves with the message, or when the process has ended. */
  #hears(word: string): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      const listen = (message: unknown) => {
        if (message === word) {
          this.#child.off('message', listen);
          resolve();
        }
      };
      this.#child.on('message', listen);
    });
    return Promise.race([heard, this.#exited]);
  }
}

/** Workers at hand: a rested one is always ready, so that a case does not wait for a process to start. */
export class WorkerPool {
  readonly #workers: FaultyWorker[] = [];
  readonly #script: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(script: string, env: NodeJS.ProcessEnv) {
    this.#script = script;
    this.#env = env;
    // A frozen process would not notice that the harness is gone.
    process.once('exit', () => {
      for (const worker of this.#workers) {
        void worker.kill();
      }
    });
  }

  get working(): readonly FaultyWorker[] {
    return this.#workers.filter(({ state }) => state === 'working');
  }

  /** All that any worker has written to its output. */
  get output(): string {
    return this.#workers.map(({ output }) => output).join('\n');
  }

  /** Starts processes until `count` rested ones are there. */
  keep(count: number): void {
    for (let n = this.#resting().length; n < count; n += 1) {
      this.#workers.push(new FaultyWorker(this.#script, this.#env));
    }
  }

  /** Lets `count` rested workers begin. */
  async wake(count: number): Promise<void> {
    this.keep(count);
    const chosen = this.#resting().slice(0, count);
    await Promise.all(chosen.map(({ ready }) => ready));
    for (const worker of chosen) {
      if (worker.state === 'dead') {
        throw new Error(`A worker ended by itself: ${worker.output}`);
      }
      worker.work();
    }
  }

  /** Every frozen worker goes on where it was; those at work finish what they are at. */
  async calm(): Promise<void> {
    await Promise.all(this.#workers.filter(({ state }) => state === 'frozen').map((worker) => worker.thaw()));
    await Promise.all(this.working.map((worker) => worker.rest()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.kill()));
  }

  #resting(): FaultyWorker[] {
    return this.#workers.filter(({ state }) => state === 'resting');
  }
}
