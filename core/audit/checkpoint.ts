import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes in hex');
const count = z.number().int().nonnegative();

/**
 * What a batch says and signs. It is written the same way wherever it is kept: in the database, at a witness, in a proof.
 * Times are RFC 3339 in UTC with milliseconds; bytes are hex, the signature base64.
 */
export const checkpointSchema = z.object({
  n: count.min(1),
  firstSeq: count.min(1),
  lastSeq: count.min(1),
  root: digest,
  /** The hash of the checkpoint before, so that each one vouches for all before it. */
  previous: digest,
  settled: count,
  at: z.string(),
  keyId: z.string(),
  /** Ed25519 (RFC 8032) over `checkpointText`. */
  signature: z.string(),
});

export type Checkpoint = z.output<typeof checkpointSchema>;
export type Unsigned = Omit<Checkpoint, 'signature'>;

/** How many places a batch has at most: sealing so many takes well under a second. */
export const BATCH_PLACES = 4096;

/** What the first checkpoint names as the one before it. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** The very text that is signed and hashed. Its first line keeps a signature from meaning anything else. */
export function checkpointText(checkpoint: Unsigned): string {
  const { n, firstSeq, lastSeq, root, previous, settled, at, keyId } = checkpoint;
  return `rekey audit checkpoint v1\n${[n, firstSeq, lastSeq, root, previous, settled, at, keyId].join('\n')}\n`;
}

/** What the next checkpoint names as the one before it, in hex. */
export function checkpointHash(checkpoint: Unsigned): string {
  return hash('sha256', checkpointText(checkpoint), 'hex');
}

export function signCheckpoint(
  unsigned: Unsigned,
  { privateKey }: { readonly privateKey: KeyObject },
): Checkpoint {
  const signature = sign(null, Buffer.from(checkpointText(unsigned)), privateKey).toString('base64');
  return { ...unsigned, signature };
}

/** Whether this key has signed this checkpoint. */
export function isSignedBy(checkpoint: Checkpoint, publicKey: KeyObject): boolean {
  const signature = Buffer.from(checkpoint.signature, 'base64');
  return verify(null, Buffer.from(checkpointText(checkpoint)), publicKey, signature);
}

// The ASN.1 in front of the 32 bytes of an Ed25519 public key (RFC 8410).
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A public key from its 32 bytes. Throws where they are none. */
export function publicKeyFrom(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });
}

/** The id of a public key: the first 16 hex digits of its SHA-256. A key cannot be exchanged under its id. */
export function keyIdOf(raw: Buffer): string {
  return hash('sha256', raw, 'hex').slice(0, 16);
}
