import type { IncomingMessage } from 'node:http';
import { loopback } from './loopback.ts';

/** One request as a vendor's API sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A status, a body that is sent as JSON, and headers. */
export type Answered = readonly [status: number, body?: unknown, headers?: Record<string, string>];

export interface FakeApi {
  readonly url: string;
  /** Every request so far, as `METHOD /path`. */
  readonly seen: string[];
  /**
   * Answers instead of the vendor where it returns something. `cut` drops the connection before anything happens,
   * `cut_after` once the request has taken effect.
   */
  trouble: (asked: Asked) => Answered | 'cut' | 'cut_after' | undefined;
  close(): Promise<void>;
}

/** A vendor's API on loopback. What it keeps and answers is the caller's. */
export async function fakeApi(answer: (asked: Asked) => Answered): Promise<FakeApi> {
  const seen: string[] = [];
  const server = await loopback(async (request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
    const { method = 'GET', headers } = request;
    const asked: Asked = { method, path, query, headers, body: await bodyOf(request) };
    seen.push(`${method} ${path}`);
    const troubled = api.trouble(asked);
    if (troubled === 'cut') return void request.socket.destroy();
    const [status, body, more] = Array.isArray(troubled) ? troubled : answer(asked);
    if (troubled === 'cut_after') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json', ...more });
    response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
  const api: FakeApi = { url: server.url, seen, trouble: () => undefined, close: server.close };
  return api;
}

/** The client's ID and secret of a request to a token endpoint, sent either way (RFC 6749, 2.3.1). */
export function clientOf({ headers, body }: Asked): { id: string; secret: string; form: URLSearchParams } {
  const form = new URLSearchParams(body);
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (basic === undefined) {
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '', form };
  }
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(decoded);
  return { id, secret, form };
}

const decoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
