import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { ended, findProgram, freePort, until } from '#tests/interop/servers/binaries.ts';
import { dockerPorts, inDocker, reached, stays } from '#tests/interop/servers/docker.ts';
import type { RunningServer } from '#tests/interop/servers.ts';

export interface RunningRedis extends RunningServer {
  readonly port: number;
  /** Stops it and starts it again from what it has written down. */
  restart(): Promise<void>;
  /** A connection as the user `root`, who may everything. */
  asRoot(...command: [string, ...string[]]): Promise<unknown>;
}

/** A Redis server with an aclfile, from a package of this machine. */
export async function startRedis(): Promise<RunningRedis> {
  if (inDocker()) return redisInDocker();
  const program = findProgram('redis-server', 'redis', 'apt-get install redis-server');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-redis-'));
  const port = await freePort();
  const file = path.join(folder, 'users.acl');
  fs.writeFileSync(file, 'user default off\nuser root on >root-password ~* &* +@all\n');
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const settings = { port, bind: '127.0.0.1', dir: folder, aclfile: file, save: '', appendonly: 'no' };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const asRoot = rootAt(port);
  const begin = async () => {
    const child = spawn(program, flags, { stdio: 'ignore' });
    await until('the start of redis-server', () => asRoot('PING'), child);
    return child;
  };
  let child = await begin();
  return {
    version: `Redis ${/v=([\d.]+)/.exec(said)?.[1] ?? 'of an unknown version'}`,
    port,
    asRoot,
    restart: async () => {
      await ended(child);
      child = await begin();
    },
    stop: async () => {
      await ended(child);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

function rootAt(port: number): RunningRedis['asRoot'] {
  return async (name, ...args) => {
    const redis = new Redis({
      host: '127.0.0.1',
      port,
      username: 'root',
      password: 'root-password',
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    redis.on('error', () => {});
    try {
      await redis.connect();
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  };
}

/** The server of docker/interop.yml, which Docker starts again whenever it ends. */
async function redisInDocker(): Promise<RunningRedis> {
  const port = dockerPorts.redis;
  const asRoot = rootAt(port);
  const runId = async () => /run_id:(\w+)/.exec(String(await asRoot('INFO', 'server')))?.[1];
  await reached('redis', runId);
  const said = String(await asRoot('INFO', 'server'));
  return {
    version: `Redis ${/redis_version:([\d.]+)/.exec(said)?.[1] ?? 'of an unknown version'}`,
    port,
    asRoot,
    restart: async () => {
      const before = await runId();
      await asRoot('SHUTDOWN', 'NOSAVE').catch(() => undefined);
      await until('the second start of redis-server', async () => (await runId()) !== before);
    },
    stop: stays,
  };
}
