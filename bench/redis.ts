import { spawn, spawnSync } from 'node:child_process';
import { freePort } from '#scripts/launcher/ports.ts';

export interface Redis {
  url: string;
  stop(): Promise<void>;
}

// A shell holds our pipe: when this process is gone, however it went, the pipe closes and Redis ends too.
const KEEPER = `exec 3<&0; "$0" "$@" <&- 3<&- & redis=$!; ( cat <&3 >/dev/null; kill $redis ) 2>/dev/null & wait $redis`;

/** Starts the machine's own redis-server as docker-compose.yml does, on a free port; null where there is none. */
export async function startRedis(folder: string): Promise<Redis | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    return null;
  }
  const port = await freePort(26_700);
  const settings = ['--dir', folder, '--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
  const address = ['--port', String(port), '--bind', '127.0.0.1'];
  const server = spawn('/bin/sh', ['-c', KEEPER, 'redis-server', ...address, ...settings], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (text) => String(text).includes('Ready to accept connections') && resolve());
    ended.then(() => reject(new Error('The redis-server of this machine ended while starting.')));
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      server.stdin.end();
      await ended;
    },
  };
}
