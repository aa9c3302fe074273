import { ConnectorError } from '#connectors/contract.ts';
import { Problem } from '#lib/problem.ts';

/**
 * For use cases that ask the outside while a person waits: a connector's refusal becomes a refusal with `ending` added, at the field
 * of the place that it names.
 */
export async function asProblem<T>(ending: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConnectorError) {
      const { message, field } = error;
      const fields = field === undefined ? {} : { [`place.${field}`]: message };
      throw new Problem(422, 'refused_outside', `${message} ${ending}`, {}, fields);
    }
    throw error;
  }
}
