import type { Detachment } from '#core/audit/detachment.ts';

/** What is wrong, as the end of a sentence that begins "found that", and at which row. */
export interface FirstBad {
  readonly what: string;
  readonly eventId: string | null;
  /** The event's place in the sealed order. */
  readonly seq: number | null;
  readonly batch: number | null;
}

export interface WitnessReport {
  readonly name: string;
  readonly kind: 'local' | 'remote';
  /**
   * `agrees`: all that it holds is in the database. `differs`: something is not, or is another. `empty`: it holds nothing.
   * `not_asked`: it can only be told. `no_answer`: it could not be asked; `detail` says why.
   */
  readonly says: 'agrees' | 'differs' | 'empty' | 'not_asked' | 'no_answer';
  /** The last batch that it holds. */
  readonly through: number | null;
  readonly detail: string | null;
}

/** Who detached what, and when. */
export type Detached = Pick<Detachment, 'firstSeq' | 'lastSeq' | 'before' | 'at' | 'by' | 'archive'>;

export interface Verification {
  readonly ok: boolean;
  /** How many events were recomputed from their bodies. */
  readonly events: number;
  /** Places whose events were taken to an archive: of these the hashes alone were verified, with all roots and signatures. */
  readonly detached: readonly Detached[];
  /** The end of what is sealed; null while nothing is. */
  readonly sealedThrough: { readonly seq: number; readonly batch: number; readonly at: string } | null;
  readonly firstBad: FirstBad | null;
  /** Events that no batch holds yet, so that nothing is shown about them, and since when the oldest of them waits. */
  readonly unsealed: { readonly events: number; readonly since: string | null };
  readonly witnesses: readonly WitnessReport[];
}

export interface Progress {
  /** Places of the sealed order that were checked. */
  readonly events: number;
  /** How many there are to check. */
  readonly of: number;
}

/** Runs a verification to its end; tells its progress on the way. */
export async function finishVerification(
  run: AsyncGenerator<Progress, Verification>,
  tell: (progress: Progress) => void = () => {},
): Promise<Verification> {
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value;
    tell(value);
  }
}
