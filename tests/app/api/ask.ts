import { dispatch } from '#app/_doors/api/dispatch.ts';
import { routes } from '#app/_doors/api/routes.ts';
import type { Role } from '#core/access/actor.ts';
import { Problem } from '#lib/problem.ts';
import { requireDocumented } from '#tests/app/api/documented.ts';

/** An API client of a test's own: its id also counts its requests and holds its keys. */
export interface Caller {
  id: string;
  role: Role;
  stepUpAt?: Date;
}

/** What a request holds beside its method and path. */
interface More {
  caller?: Caller | null;
  body?: unknown;
  /** Sent as it is. */
  text?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

/** An answer, read. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const admin: Caller = { id: '00000000-0000-7000-8000-000000000001', role: 'admin' };

/** A request as Next hands it over. */
export function requestOf(method: string, path: string, { body, text, headers = {} }: More = {}): Request {
  const sent = body === undefined ? text : JSON.stringify(body);
  return new Request(`http://localhost:3000/api/v1${path}`, {
    method,
    headers: { ...(sent === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(sent === undefined ? {} : { body: sent }),
  });
}

/**
 * Sends a request to the dispatcher, as the given API client; an admin where none is given, nobody for null. Throws where the
 * document does not name the status of the answer.
 */
export async function askRaw(method: string, path: string, more: More = {}): Promise<Response> {
  const { caller = admin } = more;
  const actorOf = async () => {
    if (caller === null) {
      throw new Problem(401, 'token_missing', 'There is no token.');
    }
    const { id, role, stepUpAt = new Date() } = caller;
    return { kind: 'api_client' as const, id, name: `client ${id}`, role, stepUpAt };
  };
  const request = requestOf(method, path, more);
  const answer = await dispatch({ routes, actorOf }, request);
  requireDocumented(request, answer.status);
  return answer;
}

/** The same, with the answer's JSON read. */
export async function ask(method: string, path: string, more: More = {}): Promise<Answer> {
  const answer = await askRaw(method, path, more);
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}
