import type { IncomingMessage } from 'node:http';
import { loopback } from '../support/loopback.ts';

/** One request as a fake sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly bearer: string | undefined;
  readonly contentType: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

export type Answer = [status: number, body?: unknown];

/** `cut_after`: the request takes effect and the answer is lost. */
export type Trouble = 'none' | 'unavailable' | 'limited' | 'cut_after' | 'odd_json' | 'html';

export interface FakeServer {
  readonly url: string;
  /** What requests are answered with instead of the usual, where `troubled` says so. */
  trouble: Trouble;
  troubled: (asked: Asked) => boolean;
  /** Method and path of every request so far. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** An HTTP server on loopback that answers as one function says, and can be in trouble. */
export async function fakeServer(answer: (asked: Asked) => Answer): Promise<FakeServer> {
  const server = await loopback(async (request, response) => {
    const asked = await readAsked(request);
    fake.seen.push(`${asked.method} ${asked.path}`);
    const trouble = fake.troubled(asked) ? fake.trouble : 'none';
    const [status, body] = instead[trouble] ?? answer(asked);
    if (trouble === 'cut_after') return void request.socket.destroy();
    response.writeHead(status, {
      'content-type': trouble === 'html' ? 'text/html' : 'application/json',
      ...(trouble === 'limited' || trouble === 'unavailable' ? { 'retry-after': '7' } : {}),
    });
    response.end(trouble === 'html' ? '<!doctype html>' : body === undefined ? '' : JSON.stringify(body));
  });
  const fake: FakeServer = {
    url: server.url,
    trouble: 'none',
    troubled: () => true,
    seen: [],
    close: server.close,
  };
  return fake;
}

const instead: Partial<Record<Trouble, Answer>> = {
  unavailable: [503, { error: 'temporarily_unavailable' }],
  limited: [429, { error: 'slow_down' }],
  odd_json: [200, { surprise: true }],
  html: [200],
};

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
  return {
    method: request.method ?? '',
    path: decodeURIComponent(pathname),
    query: searchParams,
    bearer: /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1],
    contentType: request.headers['content-type'],
    headers: request.headers,
    text,
    json: jsonOf(text),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The client ID and secret that a token request shows, whichever way it does (RFC 6749, 2.3.1). */
export function shownBy({ headers, text }: Asked): { clientId: string; secret: string } {
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
  const form = new URLSearchParams(text);
  if (basic === undefined)
    return { clientId: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  const [clientId = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  const decoded = (part: string) => new URLSearchParams(`x=${part}`).get('x') ?? '';
  return { clientId: decoded(clientId), secret: decoded(secret) };
}

/** What a token endpoint answers by RFC 6749. */
export function tokenAnswer(accepted: boolean): Answer {
  return accepted
    ? [200, { access_token: 'a-token', token_type: 'Bearer', expires_in: 300 }]
    : [401, { error: 'invalid_client', error_description: 'Client authentication failed' }];
}

/** The body as a record; empty where it is none. */
export function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
