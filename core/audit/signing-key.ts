import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { keyIdOf } from '#core/audit/checkpoint.ts';
import { env } from '#lib/env.ts';

/** The key that seals: its public half is told to everybody. */
export interface AuditKey {
  readonly id: string;
  /** The 32 bytes of the public key. */
  readonly raw: Buffer;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

// The ASN.1 in front of the 32-byte seed of an Ed25519 private key (RFC 8410).
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 key that a seed of 32 bytes stands for (RFC 8032, 5.1.5). */
export function keyFromSeed(seed: Buffer): AuditKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { id: keyIdOf(raw), raw, publicKey, privateKey };
}

/** This installation's key. */
export const auditKey = (): AuditKey => keyFromSeed(env().REKEY_AUDIT_KEY);
