import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { rotatingSecret } from '#clients/node/rotating-secret.mjs';
import { callApi } from '#demo/consumer/call-api.ts';
import { secretFile } from '#demo/consumer/read-secret-file.ts';
import { RequestFailed } from '#demo/consumer/request-failed.ts';
import { type ConsumerState, countFailure, countSuccess, firstState } from '#demo/consumer/tally.ts';
import { closeServer, json, listenOnLoopback, pathOf, send } from '#demo/reply.ts';
import { Plaintext } from '#lib/plaintext.ts';

export interface ConsumerOptions {
  readonly name: string;
  /** The dotenv file with SCOUT_CLIENT_ID, SCOUT_CLIENT_SECRET and SCOUT_SECRET_VERSION, and the same with _NEXT. */
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
 * the API, one request at a time. When its secret is refused it uses the NEXT value, in the same request. A request that fails is counted; none ends the consumer. Rejects
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
  const request = requestsOf(options, closing.signal);
  const run = async () => {
    while (!closing.signal.aborted) {
      const next = Date.now() + options.intervalMs;
      const after = await request(state);
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

/** One request, counted in the state that is given. */
function requestsOf(
  { file, tokenUrl, apiUrl }: ConsumerOptions,
  signal: AbortSignal,
): (state: ConsumerState) => Promise<ConsumerState> {
  const secret = rotatingSecret({ read: secretFile(file) });
  return async (state) => {
    const begun = new Date().toISOString();
    try {
      const versionId = await secret.use(async ({ clientId, clientSecret, versionId }) => {
        await callApi(tokenUrl, apiUrl, { clientId, clientSecret: new Plaintext(clientSecret) }, signal);
        return versionId;
      });
      return countSuccess(state, begun, new Date().toISOString(), versionId);
    } catch (error) {
      return countFailure(state, begun, error instanceof RequestFailed ? error.code : 'unexpected_error');
    }
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    // Closing ends the pause early; that is all.
  }
}
