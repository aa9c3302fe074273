import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { callApi } from '#demo/consumer/call-api.ts';
import { readSecretFile } from '#demo/consumer/read-secret-file.ts';
import { RequestFailed } from '#demo/consumer/request-failed.ts';
import { type ConsumerState, countFailure, countSuccess, firstState } from '#demo/consumer/tally.ts';
import { closeServer, json, listenOnLoopback, pathOf, send } from '#demo/reply.ts';

export interface ConsumerOptions {
  readonly name: string;
  /** The dotenv file with SCOUT_CLIENT_ID, SCOUT_CLIENT_SECRET and SCOUT_SECRET_VERSION. */
  readonly file: string;
  readonly tokenUrl: string;
  readonly apiUrl: string;
  /** Where `GET /state` is served on 127.0.0.1; 0 takes any free port. */
  readonly port: number;
  /** Milliseconds between the starts of two requests. */
  readonly intervalMs: number;
}

export interface RunningConsumer {
  readonly url: string;
  state(): ConsumerState;
  close(): Promise<void>;
}

/**
 * Starts a consumer: at every interval it reads its secret from the file, asks for a token and calls
 * the API, one request at a time. A request that fails is counted; none ends the consumer. Rejects
 * when the port is taken.
 */
export async function startConsumer(options: ConsumerOptions): Promise<RunningConsumer> {
  let state = firstState(options.name, options.intervalMs, new Date().toISOString());
  const server = createServer((request, response) => {
    const known = request.method === 'GET' && pathOf(request) === '/state';
    send(response, known ? json(200, state) : json(404, { error: 'not_found' }));
  });
  const url = await listenOnLoopback(server, options.port);
  const closing = new AbortController();
  const run = async () => {
    while (!closing.signal.aborted) {
      const next = Date.now() + options.intervalMs;
      const after = await requestOnce(options, state, closing.signal);
      if (closing.signal.aborted) return;
      state = after;
      await pause(next - Date.now(), closing.signal);
    }
  };
  const stopped = run();
  return {
    url,
    state: () => state,
    close: async () => {
      closing.abort();
      await Promise.all([stopped, closeServer(server)]);
    },
  };
}

async function requestOnce(
  options: ConsumerOptions,
  state: ConsumerState,
  signal: AbortSignal,
): Promise<ConsumerState> {
  const begun = new Date().toISOString();
  try {
    const file = await readSecretFile(options.file);
    await callApi(options.tokenUrl, options.apiUrl, file, signal);
    return countSuccess(state, begun, new Date().toISOString(), file.versionId);
  } catch (error) {
    return countFailure(state, begun, error instanceof RequestFailed ? error.code : 'unexpected_error');
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    // Closing ends the pause early; that is all.
  }
}
