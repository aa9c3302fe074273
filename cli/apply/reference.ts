import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { Plaintext } from '#lib/plaintext.ts';

const reference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  z.strictObject({ file: z.string().min(1) }),
]);

/** Where a secret is read from when it is needed: a variable of the environment, or a file. */
export type Reference = z.output<typeof reference>;

/** The reference that a value of the file is; null for anything else. */
export function referenceIn(value: unknown): Reference | null {
  return reference.safeParse(value).data ?? null;
}

/** The reference in words. */
export const tell = (one: Reference) =>
  'env' in one ? `from the variable ${one.env}` : `from the file ${one.file}`;

/** The value; a sentence where there is none. Paths are read from `folder`; the line end of a file is no part of a value. */
export function resolve(one: Reference, folder: string): Plaintext | string {
  if ('env' in one) {
    const value = process.env[one.env] ?? '';
    return value === '' ? `The variable ${one.env} is not set.` : new Plaintext(value);
  }
  try {
    const value = fs.readFileSync(path.resolve(folder, one.file), 'utf8').replace(/\r?\n$/, '');
    return value === '' ? `The file ${one.file} is empty.` : new Plaintext(value);
  } catch (error) {
    return `The file ${one.file} cannot be read (${(error as NodeJS.ErrnoException).code}).`;
  }
}
