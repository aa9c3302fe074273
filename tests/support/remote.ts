import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { dispatch } from '#app/_doors/api/dispatch.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { apiActor } from '#app/_doors/api-actor.ts';
import { createTokenEndpoint } from '#app/_doors/oauth.ts';
import { advance } from '#core/rotation/advance.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';

/* An installation whose API listens on a port of this machine, and the rekey command in processes of their own. */

export interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly complained: string;
}

type Env = Readonly<Record<string, string>>;

export interface Remote {
  readonly url: string;
  /** What a command's settings are kept in. */
  readonly home: string;
  /** Whether an answer is lost on the way, after what was asked for was done. */
  losesAnswer: (request: IncomingMessage) => boolean;
  /** Whether an answer breaks off in its middle. */
  breaksOff: (request: IncomingMessage) => boolean;
  /** Whether a request never arrives. */
  losesRequest: (request: IncomingMessage) => boolean;
  /** The status that a proxy in front answers in the place of Rekey, which it does not reach; null where it does. */
  proxyAnswers: (request: IncomingMessage) => number | null;
  /** Starts a command that goes on, as a group of its own; it knows what `env` says and nothing of the server. */
  start(args: readonly string[], env?: Env): ChildProcess;
  /** A command from its start to its end. */
  rekey(args: readonly string[], env?: Env, input?: string): Promise<Ended>;
  /** Does what a worker does about rotations until `rest`. */
  work(): void;
  rest(): Promise<void>;
  /** Ends every connection, as a crash would. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts to listen; `REKEY_URL` says where. The database is the test file's own. */
export async function startRemote(): Promise<Remote> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-remote-'));
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.REKEY_URL = url;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const { method = 'GET' } = request;
    const sent = method === 'GET' ? {} : { body: new Uint8Array(body) };
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const { signal } = gone;
    const answer = await dispatch(
      { routes, actorOf: apiActor },
      new Request(`${url}${request.url}`, { method, headers, signal, ...sent }),
    );
    if (remote.losesAnswer(request)) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (remote.breaksOff(request)) {
      response.write('{"id":"1",', () => response.destroy());
      return;
    }
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  // Made at the first request: it reads the environment, which is complete by then.
  let made: ReturnType<typeof createTokenEndpoint> | undefined;
  server.on('request', (request, response) => {
    made ??= createTokenEndpoint();
    const endpoint = made;
    const status = remote.proxyAnswers(request);
    if (remote.losesRequest(request)) response.destroy();
    else if (status !== null) response.writeHead(status).end('<html><h1>Bad Gateway</h1></html>');
    else if (endpoint.serves(request)) endpoint.handle(request, response);
    else void serve(request, response);
  });

  let isWorking = false;
  let worker: Promise<void> | undefined;
  async function work(): Promise<void> {
    while (isWorking) {
      for (const { rotationId } of await findDueRotations(10)) await advance(rotationId, () => {});
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  const remote: Remote = {
    url,
    home,
    losesAnswer: () => false,
    breaksOff: () => false,
    losesRequest: () => false,
    proxyAnswers: () => null,
    start: (args, env = {}) => {
      const bare = { PATH: process.env.PATH, XDG_CONFIG_HOME: home, ...env } as unknown as NodeJS.ProcessEnv;
      return spawn(process.execPath, ['cli/rekey.mjs', ...args], {
        env: bare,
        stdio: 'pipe',
        detached: true,
      });
    },
    rekey: async (args, env, input = '') => {
      const child = remote.start(args, env);
      child.stdin?.end(input);
      const [said, complained, [code]] = await Promise.all([
        child.stdout === null ? '' : text(child.stdout),
        child.stderr === null ? '' : text(child.stderr),
        once(child, 'exit') as Promise<[number | null]>,
      ]);
      return { code, said, complained };
    },
    work: () => {
      isWorking = true;
      worker = work();
    },
    rest: async () => {
      isWorking = false;
      await worker;
    },
    cut: () => server.closeAllConnections(),
    close: async () => {
      await remote.rest();
      server.close();
      server.closeAllConnections();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
  return remote;
}
