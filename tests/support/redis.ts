import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '#scripts/launcher/ports.ts';

/** Whether this machine has a `redis-server`; where it has none, the test file says so. */
export function hasRedis(what: string): boolean {
  const present = spawnSync('redis-server', ['--version']).status === 0;
  if (!present) {
    console.log(`skipped: ${what}, because this machine has no redis-server`);
  }
  return present;
}

/** A Redis that keeps everything in memory and nothing on disk, so that a killed one has forgotten all. */
export class OwnRedis {
  readonly #port: number;
  #server: ChildProcess | null = null;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort(16_379));
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const settings = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
    this.#server = spawn(
      'redis-server',
      ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', '/tmp', ...settings],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    for await (const line of this.#server.stdout ?? []) {
      if (String(line).includes('Ready to accept connections')) {
        break;
      }
    }
  }

  /** SIGKILL unless told, awaited. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null && server.exitCode === null) {
      server.kill(signal);
      await once(server, 'exit');
    }
  }
}
