import { createHash, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A secret value in memory. It prints `[redacted]` in strings, templates, JSON and `console.log`,
 * so that only an explicit `expose()` can put the value anywhere.
 */
export class Plaintext {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it at the last moment, as an argument, and keep the result in no variable that lives on. */
  expose(): string {
    return this.#value;
  }

  /** Compares in constant time, whatever the lengths are. */
  equals(other: Plaintext): boolean {
    const digest = (value: string) => createHash('sha256').update(value).digest();
    return timingSafeEqual(digest(this.#value), digest(other.#value));
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
