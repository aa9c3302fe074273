import { outside } from '#core/outside/guarded-http.ts';
import { GuardError } from '#lib/guard.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

type Part = 'config' | 'place' | null;

/** Throws a `Problem` at the field where the guard refuses. A name that has no address now is no reason not to save it. */
async function passes(part: Part, name: string, asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof GuardError)) {
      throw error;
    }
    if (error.kind === 'refused') {
      const path = part === null ? name : `${part}.${name}`;
      const sentence = `${name}: ${error.message} Nothing was saved.`;
      throw new Problem(422, 'address_refused', sentence, {}, { [path]: error.message });
    }
  }
}

/**
 * Every address an operator saves passes the guard now, and again whenever it is used: each URL, also one that is kept as a secret,
 * and `host` with `port`, for connectors that open their own sockets. Throws a `Problem` that names the field; `part` is where a
 * form finds it: `config`, `place`, or nothing for what stands by itself.
 */
export async function checkAddresses(
  part: Part,
  values: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, Plaintext>> = {},
): Promise<void> {
  const { guard } = outside();
  for (const [name, value] of Object.entries({ ...values, ...secrets })) {
    const text = value instanceof Plaintext ? value.expose() : value;
    if (typeof text === 'string' && /^https?:\/\//i.test(text)) {
      await passes(part, name, guard.checkUrl(text));
    }
  }
  const { host, port } = values;
  if (typeof host === 'string' && typeof port === 'number') {
    await passes(part, 'host', guard.addresses(host, port));
  }
}
