import type { z } from 'zod';
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
  const result = schema.strict().safeParse(input);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
    const fields = Object.fromEntries(
      result.error.issues.map((issue) => [[part, ...issue.path].join('.'), issue.message]),
    );
    throw new Problem(400, 'bad_input', `${lines.join('. ')}. Nothing was saved.`, {}, fields);
  }
  const plain: Record<string, unknown> = {};
  const secrets: Record<string, Plaintext> = {};
  for (const [name, value] of Object.entries(result.data)) {
    if (value instanceof Plaintext) {
      secrets[name] = value;
    } else {
      plain[name] = value;
    }
  }
  return { plain, secrets };
}
