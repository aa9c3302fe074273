import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type Guard, GuardError, hostOf, portOf } from '#lib/guard.ts';

/** One HTTP exchange, as connectors and the console see it. Bodies and headers are never logged. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A client that follows no redirects, limits time and size, and connects only where the guard allows. */
export interface Http {
  request(request: HttpRequest): Promise<HttpResponse>;
}

/** An `Http` with its pool of kept sockets. Share one per process and give each call its own signal. */
export interface HttpClient extends Http {
  /** The same client and pool, for one call that ends when the signal aborts. */
  withSignal(signal: AbortSignal): Http;
  /** The same client and pool, for a call that ends at this time of `performance.now()`: cheaper than a signal. */
  endingAt(deadline: number): Http;
  /** Waits for open requests and closes every socket. */
  close(): Promise<void>;
}

/**
 * Why there is no answer. The message names host and port only.
 *
 * `refused`: the guard forbids the address, or the request cannot be formed. `not_sent`: no byte of the
 * request left this machine. `unknown`: it was sent, and the answer was lost, too late or too large.
 */
export class HttpError extends Error {
  // Next loads this module once per bundle layer, and what hangs on globalThis throws errors of the layer that made it.
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'HttpError';
  }

  override readonly name = 'HttpError';
  readonly kind: 'refused' | 'not_sent' | 'unknown';

  constructor(message: string, kind: 'refused' | 'not_sent' | 'unknown', cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface HttpOptions {
  guard: Guard;
  /** For one whole exchange: name lookup, connecting, sending and reading. */
  timeoutMs?: number;
  /** The largest answer body that is read, in bytes. */
  maxBytes?: number;
  signal?: AbortSignal;
  /** Further certificate authorities to trust, in PEM; the system's own are then left out. */
  ca?: string | string[];
  /** A certificate to show to servers that ask for one, and its key, both in PEM. */
  cert?: string;
  key?: string;
  /** Replaces the opening of sockets in tests. */
  connector?: buildConnector.connector;
}

interface Limits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Builds the client. Every address passes the guard twice: as it is written, and at the moment of connecting. */
export function createHttp(options: HttpOptions): HttpClient {
  const { guard, timeoutMs = 10_000, maxBytes = 1_048_576, signal } = options;
  const open =
    options.connector ?? buildConnector({ timeout: Math.min(timeoutMs, 5_000), ...tlsOptions(options) });
  const agent = new Agent({ connect: guardedConnector(guard, open) });
  const until = (end: AbortSignal | undefined): Http => ({
    request: (request) => send(agent, guard, request, { timeoutMs, maxBytes, signal: end }),
  });
  return {
    ...until(signal),
    withSignal: until,
    endingAt: (deadline) => ({
      request: async (request) =>
        send(agent, guard, request, { timeoutMs: Math.min(timeoutMs, msUntil(deadline)), maxBytes }),
    }),
    close: () => agent.close(),
  };
}

/** In whole tenths of a second: Node keeps all timers of the same length in one list. */
const msUntil = (deadline: number) => Math.ceil((deadline - performance.now()) / 100) * 100;

const tlsOptions = ({ ca, cert, key }: HttpOptions) => ({
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
});

/** Resolves the name itself and opens a socket to an address the guard has passed, so nothing can answer otherwise in between. */
function guardedConnector(guard: Guard, open: buildConnector.connector): buildConnector.connector {
  async function connect(options: buildConnector.Options) {
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    let failure: unknown;
    for (const address of await guard.addresses(options.hostname, port)) {
      try {
        return await opened(open, { ...options, hostname: address });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
  return (options, callback) => {
    connect(options).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(new NotConnected(error), null),
    );
  };
}

/** Marks a failure to connect, so that it is never mistaken for a lost answer. */
class NotConnected extends Error {
  constructor(cause: unknown) {
    super('not connected', { cause });
  }
}

function opened(open: buildConnector.connector, options: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    open(options, (error, socket) => (error === null ? resolve(socket) : reject(error)));
  });
}

async function send(agent: Agent, guard: Guard, request: HttpRequest, limits: Limits): Promise<HttpResponse> {
  const url = parsed(guard, request.url);
  const place = `${hostOf(url)}:${portOf(url)}`;
  return new Promise((resolve, reject) => {
    const { method, headers = {}, body = null } = request;
    const answer = new Answer(place, leftOpen(method), limits, resolve, reject);
    const path = url.pathname + url.search;
    agent.dispatch({ origin: url.origin, path, method, headers, body }, answer);
  });
}

function parsed(guard: Guard, text: string): URL {
  try {
    return guard.parseUrl(text);
  } catch (error) {
    if (error instanceof GuardError) throw new HttpError(error.message, 'refused', error);
    throw error;
  }
}

/** What a lost answer leaves open. A GET asks for nothing to be changed (RFC 9110, 9.2.1). */
const leftOpen = (method: HttpRequest['method']) =>
  method === 'GET' ? 'it asked for no change' : 'it may or may not have taken effect';

/** Collects one answer. It settles once, and knows at every moment whether the request has left. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #place: string;
  readonly #leftOpen: string;
  readonly #limits: Limits;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: HttpError) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  readonly #abandoned = () => this.#giveUp('was abandoned by the caller');
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #size = 0;
  #status = 0;
  #headers: Record<string, string> = {};

  constructor(
    place: string,
    leftOpen: string,
    limits: Limits,
    resolve: (response: HttpResponse) => void,
    reject: (error: HttpError) => void,
  ) {
    this.#place = place;
    this.#leftOpen = leftOpen;
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(
      () => this.#giveUp(`took longer than ${limits.timeoutMs / 1000} s`),
      limits.timeoutMs,
    );
    limits.signal?.addEventListener('abort', this.#abandoned, { once: true });
    if (limits.signal?.aborted || limits.timeoutMs <= 0) this.#abandoned();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) controller.abort(new Error('given up'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#headers = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined)
        this.#headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxBytes) this.#giveUp(`answered more than ${this.#limits.maxBytes} bytes`);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const text = Buffer.concat(this.#chunks).toString('utf8');
    this.#resolve({ status: this.#status, headers: this.#headers, text });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settle()) this.#reject(this.#explained(error));
  }

  #giveUp(what: string): void {
    if (!this.#settle()) return;
    const sent = this.#controller !== undefined;
    const state = sent ? this.#leftOpen : 'nothing was sent';
    this.#reject(
      new HttpError(`The request to ${this.#place} ${what}; ${state}.`, sent ? 'unknown' : 'not_sent'),
    );
    this.#controller?.abort(new Error('given up'));
  }

  #explained(error: Error): HttpError {
    const cause = error instanceof NotConnected ? error.cause : error;
    if (cause instanceof GuardError) {
      const refused = cause.kind === 'refused';
      return new HttpError(cause.message, refused ? 'refused' : 'not_sent', cause);
    }
    const code = errorCode(cause);
    if (code === 'UND_ERR_INVALID_ARG') {
      const message = `The request to ${this.#place} cannot be formed: a header holds a character that is not allowed.`;
      return new HttpError(message, 'refused');
    }
    if (this.#controller === undefined || error instanceof NotConnected) {
      return new HttpError(
        `${this.#place} cannot be reached (${code}); nothing was sent.`,
        'not_sent',
        cause,
      );
    }
    const message = `The answer of ${this.#place} was cut off (${code}); ${this.#leftOpen}.`;
    return new HttpError(message, 'unknown', cause);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#limits.signal?.removeEventListener('abort', this.#abandoned);
    return true;
  }
}

function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'no code given';
}
