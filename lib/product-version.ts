import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** The version of this Rekey, as its package says. */
export function productVersion(): string {
  const text = readFileSync(path.resolve('package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
