import { z } from 'zod';
import { Plaintext } from '#lib/plaintext.ts';

/** A password that somebody chooses. NIST SP 800-63B: length counts, composition rules do not. */
export const newPassword = z
  .string()
  .min(12, 'A password needs at least 12 characters.')
  .max(1024)
  .transform((value) => new Plaintext(value));
