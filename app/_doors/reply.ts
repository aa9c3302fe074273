import { failed, refusedRoute } from '#app/_words/doors.ts';
import { log } from '#lib/log.ts';
import { Problem } from '#lib/problem.ts';

/** What a route answers when it refuses. */
export interface Refusal {
  code: string;
  message: string;
  /** A sentence for each input at fault, by its path. */
  fields?: Readonly<Record<string, string>>;
}

const headers = { 'cache-control': 'no-store' };

export function refuse(status: number, code: string, message: string, fields = {}): Response {
  return Response.json({ code, message, fields } satisfies Refusal, { status, headers });
}

export const signedOut = () => refuse(401, 'signed_out', refusedRoute.signedOut);

/** Calls core for a route and answers JSON that nobody keeps; a refusal has its own status and sentence. */
export async function reply<T>(call: () => Promise<T>): Promise<Response> {
  try {
    return Response.json(await call(), { headers });
  } catch (error) {
    if (error instanceof Problem) {
      return refuse(error.status, error.code, error.message, error.fields);
    }
    log.error({ err: error }, 'a route failed');
    return refuse(500, 'internal', failed.route);
  }
}
