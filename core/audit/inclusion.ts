import { type Checkpoint, isSignedBy, keyIdOf, publicKeyFrom } from '#core/audit/checkpoint.ts';
import { leafHash, rootFromPath } from '#core/audit/merkle.ts';

/** Everything that shows, without the database, that one event was sealed. */
export interface InclusionProof {
  readonly eventId: string;
  /** The very text that was hashed. */
  readonly body: string;
  readonly seq: number;
  /** Partners from the leaf to the root, in hex. */
  readonly path: readonly string[];
  readonly checkpoint: Checkpoint;
  /** The 32 bytes of the key that signed the checkpoint, in hex. */
  readonly publicKey: string;
}

/**
 * Says what is wrong with a proof, or null where it holds: the body is the leaf, the leaf is under the root, and the key
 * named has signed the root. Whether that key is the one you trust is for you to compare: its id is `checkpoint.keyId`.
 */
export function faultOfProof({ body, seq, path, checkpoint, publicKey }: InclusionProof): string | null {
  const raw = Buffer.from(publicKey, 'hex');
  if (raw.length !== 32 || keyIdOf(raw) !== checkpoint.keyId)
    return 'the public key is not the one with this id';
  if (!isSignedBy(checkpoint, publicKeyFrom(raw))) return 'the signature does not fit the checkpoint';
  const root = rootFromPath(leafHash(body), {
    index: seq - checkpoint.firstSeq,
    size: checkpoint.lastSeq - checkpoint.firstSeq + 1,
    path: path.map((hex) => Buffer.from(hex, 'hex')),
  });
  return root?.toString('hex') === checkpoint.root ? null : 'the body and its path do not lead to the root';
}
