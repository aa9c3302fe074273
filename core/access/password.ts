import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Plaintext } from '#lib/plaintext.ts';

// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. The library's default is argon2id.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: Plaintext): Promise<string> {
  return hash(password.expose(), cost);
}

let decoy: Promise<string> | undefined;

/** False for a wrong password and for an account without one; both take the same time. */
export async function isPassword(password: Plaintext, stored: string | null): Promise<boolean> {
  decoy ??= hash(randomBytes(16).toString('hex'), cost);
  const matches = await verify(stored ?? (await decoy), password.expose());
  return stored !== null && matches;
}
