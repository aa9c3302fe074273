import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** One HTTP answer, as a value, so that it can be held back, replaced or dropped before it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const BODY_LIMIT = 16 * 1024;

/** Thrown by `readBody` when a request is longer than any request of the sample world needs to be. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** A JSON answer that no cache keeps. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  };
}

/** Sends the answer and ends the exchange. */
export function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, reply.headers);
  response.end(reply.body);
}

/** The request's body as text. Throws `BodyTooLarge` beyond 16 KiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    length += bytes.length;
    if (length > BODY_LIMIT) throw new BodyTooLarge('The request body is longer than 16 KiB.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The path without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

/** Listens on 127.0.0.1 (port 0: any free port) and answers the URL. Rejects when the port is taken. */
export async function listenOnLoopback(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
  return `http://127.0.0.1:${address.port}`;
}

/** Stops listening and ends every open exchange at once. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
