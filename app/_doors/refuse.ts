import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpProblem, problemAnswer } from '#app/_doors/api/problem.ts';
import { newId } from '#lib/new-id.ts';

/** Why a request is refused before anything reads it, for programs and for people. */
export interface RefusedEarly {
  readonly status: 403 | 411 | 413 | 421;
  readonly code: string;
  readonly message: string;
}

const isForTheApi = (url: string) => url === '/api/v1' || url.startsWith('/api/v1/');

/**
 * Refuses a request without reading it: with a problem document (RFC 9457) under the API, as it answers every refusal, and with
 * a line of text elsewhere. The body is not read, so the connection cannot be used for another request.
 */
export async function refuse(
  { url = '/' }: Pick<IncomingMessage, 'url'>,
  response: Pick<ServerResponse, 'writeHead' | 'end'>,
  { status, code, message }: RefusedEarly,
): Promise<void> {
  if (!isForTheApi(url)) {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(`${message}\n`);
    return;
  }
  const requestId = newId();
  const answer = problemAnswer(new HttpProblem(status, code, message), requestId);
  response.writeHead(status, {
    ...Object.fromEntries(answer.headers),
    'x-request-id': requestId,
    connection: 'close',
  });
  response.end(await answer.text());
}
