import type { IncomingMessage } from 'node:http';
import { loopback } from '#tests/support/loopback.ts';

/** A request as a vendor's fake reads it. */
export interface Asked {
  readonly method: string;
  /** The path alone, as it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The JSON body; an empty object where there is none. */
  readonly body: Record<string, unknown>;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request meets instead of its usual answer. `cut after` loses the answer of a request that took effect. */
export type Trouble = Answer | 'cut' | 'cut after' | undefined;

export interface JsonApi {
  readonly url: string;
  /** Every request, oldest first. */
  readonly asked: Asked[];
  /** Decides for each request whether it meets trouble. */
  trouble: (asked: Asked) => Trouble;
  close(): Promise<void>;
}

/** A vendor's JSON API on loopback, whose answers are made by one function over kept state. */
export async function jsonApi(answer: (asked: Asked) => Answer): Promise<JsonApi> {
  const server = await loopback(async (request, response) => {
    const asked = await read(request);
    api.asked.push(asked);
    const trouble = api.trouble(asked);
    if (trouble === 'cut') return void request.socket.destroy();
    const { status, body, headers } = typeof trouble === 'object' ? trouble : answer(asked);
    if (trouble === 'cut after') return void request.socket.destroy();
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    response.end(body === undefined ? '' : isText ? body : JSON.stringify(body));
  });
  const api: JsonApi = { url: server.url, asked: [], trouble: () => undefined, close: server.close };
  return api;
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? '/', 'http://fake');
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers as Record<string, string>,
    text,
    body: jsonOf(text),
  };
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
