import { hash, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { keyIdOf, publicKeyFrom } from '#core/audit/checkpoint.ts';
import type { AuditKey } from '#core/audit/signing-key.ts';

/** That an installation made an evidence bundle as it is. Its manifest names every other file, so signing that signs all. */
export const bundleSignatureSchema = z.object({
  keyId: z.string(),
  /** The 32 bytes of the key, in hex. */
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  /** Ed25519 (RFC 8032) over `bundleText`, in base64. */
  signature: z.string(),
});

export type BundleSignature = z.output<typeof bundleSignatureSchema>;

/** The very text that is signed. Its first line keeps a signature from meaning anything else. */
const bundleText = (manifest: string | Buffer) =>
  Buffer.from(`rekey evidence bundle v1\n${hash('sha256', manifest, 'hex')}\n`);

export function signBundle(manifest: string, { id, raw, privateKey }: AuditKey): BundleSignature {
  const signature = sign(null, bundleText(manifest), privateKey).toString('base64');
  return { keyId: id, publicKey: raw.toString('hex'), signature };
}

/** Whether this key has signed this manifest, and is the one with this id. Whose key that is, is for the reader to compare. */
export function isBundleOf(manifest: Buffer, { keyId, publicKey, signature }: BundleSignature): boolean {
  const raw = Buffer.from(publicKey, 'hex');
  return (
    keyIdOf(raw) === keyId &&
    verify(null, bundleText(manifest), publicKeyFrom(raw), Buffer.from(signature, 'base64'))
  );
}
