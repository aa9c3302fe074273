import { listAddress } from '#app/_words/doors.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Asks core for a list that the address describes. A refusal is answered as its sentence, whatever its kind: an address
 * that asks for what does not exist is still this list's page. Other errors go to the error page.
 */
export async function tryAsk<T>(
  call: () => Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; message: string }> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    if (error instanceof Problem) {
      return {
        ok: false,
        message: error.code === 'bad_input' ? listAddress.unknown : error.message,
      };
    }
    throw error;
  }
}
