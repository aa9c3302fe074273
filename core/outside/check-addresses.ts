import { outside } from '#core/outside/guarded-http.ts';
import { GuardError } from '#lib/guard.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Every address an operator saves passes the guard now, and again whenever it is used. Throws a `Problem` that names
 * it; `part` is where a form finds it: `config`, `place`, or nothing for what stands by itself.
 */
export async function checkAddresses(
  part: 'config' | 'place' | null,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string' || !/^https?:\/\//i.test(value)) {
      continue;
    }
    try {
      await outside().guard.checkUrl(value);
    } catch (error) {
      if (error instanceof GuardError) {
        const path = part === null ? name : `${part}.${name}`;
        throw new Problem(
          422,
          'address_refused',
          `${name}: ${error.message} Nothing was saved.`,
          {},
          { [path]: error.message },
        );
      }
      throw error;
    }
  }
}
