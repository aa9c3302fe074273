import { Pool } from 'undici';
import { answerQuestions } from '#bench/child.ts';
import { keepBusy, type Load } from '#bench/load.ts';
import { createGuard } from '#lib/guard.ts';
import { createHttp } from '#lib/http.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/* The same small call through our client and through a bare pool of the library it is built on. */

const peers = process.env.BENCH_PEERS_URL ?? '';
const headers = { accept: 'application/json', authorization: 'Bearer bench' };
const http = createHttp({ guard: createGuard({ allowHosts: ['127.0.0.1'] }) });
const pool = new Pool(peers, { connections: 16 });

async function guarded(): Promise<void> {
  await http.request({ method: 'GET', url: `${peers}/ping`, headers });
}

async function bare(): Promise<void> {
  const { body } = await pool.request({ method: 'GET', path: '/ping', headers });
  await body.text();
}

const handlers = {
  /** Microseconds of this process's CPU per call. */
  run: async ({ isGuarded, ...load }: Load & { isGuarded: boolean }) => {
    const before = process.cpuUsage();
    const { count } = await keepBusy(load, isGuarded ? guarded : bare);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  },
};

export type GuardedHandlers = typeof handlers;

answerQuestions(handlers);
tieToStarter(async () => {
  await http.close();
  await pool.close();
});
sayReady();
