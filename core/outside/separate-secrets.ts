import type { z } from 'zod';
import { faultsInWords, readInput } from '#lib/faults.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Checks what a person gave for a connector's config or place, and separates what is stored as it is from what is
 * sealed. Throws a `Problem` with one sentence per wrong field, found under `part` and the field's name.
 */
export function separateSecrets(
  part: 'config' | 'place',
  schema: z.ZodObject,
  input: unknown,
): { plain: Record<string, unknown>; secrets: Record<string, Plaintext> } {
  const { data, faults } = readInput(schema.strict(), input);
  if (faults !== null) {
    const fields = Object.fromEntries(
      Object.entries(faults).map(([field, sentence]) => [field === '' ? part : `${part}.${field}`, sentence]),
    );
    throw new Problem(400, 'bad_input', `${faultsInWords(faults)} Nothing was saved.`, {}, fields);
  }
  const plain: Record<string, unknown> = {};
  const secrets: Record<string, Plaintext> = {};
  for (const [name, value] of Object.entries(data)) {
    if (value instanceof Plaintext) {
      secrets[name] = value;
    } else {
      plain[name] = value;
    }
  }
  return { plain, secrets };
}
