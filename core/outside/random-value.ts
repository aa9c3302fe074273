import { randomInt } from 'node:crypto';
import type { ChosenValue } from '#connectors/contract.ts';
import { Plaintext } from '#lib/plaintext.ts';

const USUAL: ChosenValue = {
  alphabet: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  length: 43,
};

/** A new value for an issuer that takes one of ours, of the letters that it takes; of 256 bits where it does not say. */
export function randomValue({ alphabet, length, prefix = '', suffix = '' }: ChosenValue = USUAL): Plaintext {
  const letters = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]);
  return new Plaintext(`${prefix}${letters.join('')}${suffix}`);
}
