/** A rotation that is to be done, as far as its time is concerned. */
export interface Expected {
  /** How long it is at work, or still will be. */
  readonly seconds: number;
  readonly issuerId: string;
  /** How many rotations of this issuer are at work at the same time at the most; null for any number. */
  readonly issuerConcurrency: number | null;
}

/** When the first of so many places is free; it is taken until `until`. */
class Places {
  readonly #free: number[];
  constructor(count: number) {
    this.#free = Array.from({ length: count }, () => 0);
  }
  get next(): number {
    return Math.min(...this.#free);
  }
  take(until: number): void {
    this.#free[this.#free.indexOf(this.next)] = until;
  }
}

/**
 * In how many seconds the last one is done, if each takes as long as expected: they begin in their order, as soon as the
 * batch and the issuer have a place. An estimate; nothing waits for it.
 */
export function etaSeconds(all: readonly Expected[], maxConcurrency: number): number {
  const batch = new Places(maxConcurrency);
  const issuers = new Map<string, Places>();
  let last = 0;
  for (const { seconds, issuerId, issuerConcurrency } of all) {
    let issuer = issuers.get(issuerId);
    if (issuer === undefined) {
      issuer = new Places(issuerConcurrency ?? all.length);
      issuers.set(issuerId, issuer);
    }
    const end = Math.max(batch.next, issuer.next) + seconds;
    batch.take(end);
    issuer.take(end);
    last = Math.max(last, end);
  }
  return Math.round(last);
}
