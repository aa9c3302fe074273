import { ConnectorError } from '#connectors/contract.ts';
import { Problem } from '#lib/problem.ts';

/**
 * For use cases that ask the outside while a person waits: a connector's refusal becomes a refusal with `ending` added, at the field
 * of the place that it names. Where the sign-in is refused and was given anew with one secret, that is at the secret, named by `secrets`.
 */
export async function asProblem<T>(
  ending: string,
  ask: () => Promise<T>,
  secrets: readonly string[] = [],
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConnectorError) {
      const { message, field, because } = error;
      const [secret, ...others] = because === 'permission' ? secrets : [];
      const isSecret = secret !== undefined && others.length === 0;
      const fields = {
        ...(field === undefined ? {} : { [`place.${field}`]: message }),
        ...(isSecret ? { [`config.${secret}`]: message } : {}),
      };
      throw new Problem(422, 'refused_outside', `${message} ${ending}`, {}, fields);
    }
    throw error;
  }
}
