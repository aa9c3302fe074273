import { type KeyObject, sign, verify } from 'node:crypto';
import type { AuditKey } from '#core/audit/signing-key.ts';

/** That the events at some places of the sealed order were taken to an archive. Times are RFC 3339, bytes hex, the signature base64. */
export interface Detachment {
  readonly n: number;
  /** One after the last place of the detachment before. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The beginning of the first month that stays. */
  readonly before: string;
  readonly at: string;
  /** Who did it: the account and the machine it ran on. */
  readonly by: string;
  /** SHA-256 of the archive. */
  readonly archive: string;
  readonly keyId: string;
  /** Ed25519 (RFC 8032) over `detachmentText`. */
  readonly signature: string;
}

export type UnsignedDetachment = Omit<Detachment, 'signature'>;

/** The very text that is signed. Its first line keeps a signature from meaning anything else. */
export function detachmentText(detachment: UnsignedDetachment): string {
  const { n, firstSeq, lastSeq, before, at, by, archive, keyId } = detachment;
  // `by` is the only part that is not ours to write.
  const parts = [n, firstSeq, lastSeq, before, at, JSON.stringify(by), archive, keyId];
  return `rekey audit detachment v1\n${parts.join('\n')}\n`;
}

export function signDetachment(unsigned: UnsignedDetachment, { privateKey }: AuditKey): Detachment {
  const signature = sign(null, Buffer.from(detachmentText(unsigned)), privateKey).toString('base64');
  return { ...unsigned, signature };
}

/** Whether this key has signed this detachment. */
export function isDetachmentOf(detachment: Detachment, publicKey: KeyObject): boolean {
  const signature = Buffer.from(detachment.signature, 'base64');
  return verify(null, Buffer.from(detachmentText(detachment)), publicKey, signature);
}
