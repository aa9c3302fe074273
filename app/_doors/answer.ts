import { failed } from '#app/_words/doors.ts';
import { log } from '#lib/log.ts';
import { Problem } from '#lib/problem.ts';

/** What an action answers: a value, or a sentence for the person who reads it, with one for each input at fault. */
export type Answer<T> =
  | { ok: true; value: T }
  | { ok: false; code: string; message: string; fields?: Readonly<Record<string, string>> };

/** Calls core and turns a refusal into an answer. Anything else is logged, and told without detail. */
export async function answer<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    if (error instanceof Problem) {
      return { ok: false, code: error.code, message: error.message, fields: error.fields };
    }
    log.error({ err: error }, 'an action failed');
    return {
      ok: false,
      code: 'internal',
      message: failed.action,
    };
  }
}
