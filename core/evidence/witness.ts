import type { Checkpoint } from '#core/audit/checkpoint.ts';

/** A checkpoint that a witness holds: the number of the batch and the hash of its text, in hex. */
export interface Seen {
  readonly n: number;
  readonly hash: string;
}

/**
 * Somebody who is told checkpoints, so that a log that was cut or made anew differs from what is known elsewhere. A
 * checkpoint vouches for all before it, so one may be left out, and the same one may be told twice.
 */
export interface Witness {
  /** For people: what it is and where. */
  readonly name: string;
  /** `local`: on a disk of Rekey's own, and so the weaker proof. */
  readonly kind: 'local' | 'remote';
  /** At most one checkpoint in this time. */
  readonly everyMs: number;
  /** Throws when it is not known to have taken it. */
  tell(checkpoint: Checkpoint): Promise<void>;
  /** What a person who restored the database does with it, as a sentence: it keeps checkpoints of a log that went another way. */
  readonly afterRestore?: string;
  /** All that it was told, in any order. Left out where it can be told but not asked. */
  seen?(): AsyncIterable<Seen>;
}
