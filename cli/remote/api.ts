import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Settings } from '#cli/remote/settings.ts';
import type { Plaintext } from '#lib/plaintext.ts';
import { isUntrusted } from '#lib/untrusted.ts';

/** What the API, or the way to it, says against a command: a sentence for the person. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  /** The HTTP status of a refusal; null where nothing answered. */
  readonly status: number | null;
  /** Which inputs are at fault, by path such as `config.baseUrl`. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(message: string, status: number | null = null, fields: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }

  /** Nobody answered, or only that there is no answer now: asked again later there may be one. */
  get isAway(): boolean {
    return this.status === null || AWAY.includes(this.status);
  }
}

/** What a proxy answers that does not reach Rekey, and Rekey where it is busy. */
const GATEWAY: readonly number[] = [502, 503, 504];
const AWAY: readonly number[] = [429, ...GATEWAY];
const TRIES = 5;
const CALL_MS = 30_000;

const token = z.object({ access_token: z.string(), expires_in: z.number() });
const refusal = z.object({
  detail: z.string().optional(),
  error_description: z.string().optional(),
  fields: z.record(z.string(), z.string()).optional(),
  rotationId: z.string().optional(),
});

/** An answer, read. */
export interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const fieldsIn = (text: string) => refusal.safeParse(readJson(text)).data?.fields ?? {};

/** What is said to an answer that is not one of Rekey's. */
function notOurs(status: number, { origin }: URL): string {
  if (status >= 300 && status < 400) {
    return `${origin} answers with a redirect, after which no secret is sent. Give the address that people open.`;
  }
  return GATEWAY.includes(status)
    ? `${origin} answered ${status}: Rekey cannot be reached behind its proxy. Whether the last request arrived is not known; the same command can be given again.`
    : `${origin} answered ${status}, and it does not look like Rekey. Check the address.`;
}

/** The sentences of a problem (RFC 9457), or of an OAuth error. */
function sentencesOf(status: number, text: string, url: URL): string {
  const { success, data } = refusal.safeParse(readJson(text));
  const said = success ? (data.detail ?? data.error_description) : undefined;
  const fields = success ? Object.entries(data.fields ?? {}) : [];
  return [
    said ?? notOurs(status, url),
    ...fields
      .filter(([, sentence]) => !said?.includes(sentence))
      .map(([name, sentence]) => `  ${name}: ${sentence}`),
    ...(data?.rotationId === undefined
      ? []
      : [`That is rotation ${data.rotationId}. To see it: rekey rotations show ${data.rotationId}`]),
  ].join('\n');
}

/** Why nothing can be asked there, however often; null where an answer may still come. */
function whyNever(error: unknown, { origin, hostname }: URL): string | null {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (isUntrusted(code)) {
    return `The certificate of ${origin} is not trusted (${code}). Where an authority of your own signed it, name its file in NODE_EXTRA_CA_CERTS.`;
  }
  return code === 'ENOTFOUND' ? `There is no host ${hostname}. Check the address.` : null;
}

/** How long to wait before a try again: what the other side asks for, a minute at most. */
function pauseOf(answer: Response | null, tried: number): number {
  const asked = Number(answer?.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(asked) ? Math.min(asked, 60) * 1000 : tried * 500;
}

/** A limit for a call whose answer may be long: it counts only until the answer begins. */
function untilBegun(): { timeout: AbortSignal; begun: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), CALL_MS);
  return { timeout: controller.signal, begun: () => clearTimeout(timer) };
}

const untilEnded = () => ({ timeout: AbortSignal.timeout(CALL_MS), begun: () => {} });

/** Asks again while nothing or nobody answers. Only for what is harmless to repeat. */
async function ask(url: URL, { signal, ...init }: RequestInit, isLong = false): Promise<Response> {
  let last: Response | null = null;
  for (let tried = 1; ; tried += 1) {
    const { timeout, begun } = isLong ? untilBegun() : untilEnded();
    try {
      const ending = signal ? AbortSignal.any([signal, timeout]) : timeout;
      last = await fetch(url, { ...init, redirect: 'manual', signal: ending }).finally(begun);
      if (!AWAY.includes(last.status) || tried === TRIES) return last;
      await last.body?.cancel();
    } catch (error) {
      // The error may repeat what was sent; only its code is told.
      const never = whyNever(error, url);
      if (never !== null) throw new RemoteError(tried === 1 ? `${never} Nothing was sent.` : never);
      if (tried === TRIES || signal?.aborted) {
        throw new RemoteError(
          `${url.origin} does not answer. Whether the last request arrived is not known; the same command can be given again.`,
        );
      }
    }
    await wait(pauseOf(last, tried), undefined, { signal: signal ?? undefined }).catch(() => undefined);
  }
}

interface Sending {
  readonly sent?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the question. */
  readonly signal?: AbortSignal;
  /** The answer may take longer than a call, once it has begun. */
  readonly isLong?: boolean;
}

/** The HTTP API of one installation, as one API client. Tokens are asked for when they are needed. */
export class Api {
  readonly #base: URL;
  readonly #clientId: string;
  readonly #secret: Plaintext;
  #token = '';
  #until = 0;

  constructor({ url, clientId, secret }: Settings) {
    this.#base = url;
    this.#clientId = clientId;
    this.#secret = secret;
  }

  /** The address of a page of the console. */
  page(path: string): string {
    return new URL(path, this.#base).href;
  }

  /** Signs in, which proves address, client and secret. Throws `RemoteError`. */
  async signIn(signal?: AbortSignal): Promise<void> {
    const url = new URL('/oauth/token', this.#base);
    const pair = [this.#clientId, this.#secret.expose()].map(encodeURIComponent).join(':');
    const answer = await ask(url, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await answer.text();
    const { success, data } = token.safeParse(readJson(text));
    if (!answer.ok || !success) {
      const isRefused = answer.status >= 400 && !AWAY.includes(answer.status);
      const said = `${isRefused ? 'Signing in was refused: ' : ''}${sentencesOf(answer.status, text, url)}`;
      throw new RemoteError(said, answer.status);
    }
    this.#token = data.access_token;
    this.#until = performance.now() + (data.expires_in - 60) * 1000;
  }

  async #ask(method: string, path: string, { sent, headers, signal, isLong }: Sending): Promise<Response> {
    if (performance.now() >= this.#until) await this.signIn(signal);
    const url = new URL(`/api/v1${path}`, this.#base);
    const init = {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        // A request whose answer was lost is sent again under its key, and done once.
        ...(sent === undefined
          ? {}
          : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
      ...(signal === undefined ? {} : { signal }),
    };
    const answer = await ask(url, init, isLong);
    if (!answer.ok && answer.status !== 304) {
      const text = await answer.text();
      throw new RemoteError(sentencesOf(answer.status, text, url), answer.status, fieldsIn(text));
    }
    return answer;
  }

  async #send(method: string, path: string, sending: Sending): Promise<Answered> {
    const answer = await this.#ask(method, path, sending);
    return { status: answer.status, body: readJson(await answer.text()), headers: answer.headers };
  }

  /** The answer to a GET, also 304 where the headers ask for that. Throws `RemoteError` with the problem's sentences. */
  get(path: string, asked: Pick<Sending, 'headers' | 'signal'> = {}): Promise<Answered> {
    return this.#send('GET', path, asked);
  }

  /** The parts of a long answer to a GET, as they come. Throws as `get` does, and `RemoteError` where it breaks off. */
  async *stream(path: string): AsyncGenerator<Uint8Array> {
    const { body } = await this.#ask('GET', path, { isLong: true });
    try {
      if (body !== null) yield* body;
    } catch {
      throw new RemoteError(`${this.#base.origin} broke off in the middle of its answer.`);
    }
  }

  /** The answer to a PUT. Throws as `get` does. */
  put(path: string, body: unknown, asked: Pick<Sending, 'headers'> = {}): Promise<Answered> {
    return this.#send('PUT', path, { ...asked, sent: JSON.stringify(body) });
  }

  /** Takes something away. Throws as `get` does; where the answer to it was lost and it is asked again, that it is gone. */
  async delete(path: string): Promise<void> {
    await this.#send('DELETE', path, {});
  }

  /** The answer to a POST, which is sent again under the same key where its answer was lost. Throws as `get` does. */
  post(path: string, body: unknown, asked: Pick<Sending, 'signal'> = {}): Promise<Answered> {
    return this.#send('POST', path, { ...asked, sent: JSON.stringify(body) });
  }
}
