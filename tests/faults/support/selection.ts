import { createHash } from 'node:crypto';

/** Chosen by scripts/test.ts and printed there, so that a failing third can be run again. */
export const seed = process.env.FAULTS_SEED ?? '1';
const all = process.env.FAULTS_ALL === '1';

/** Whether a test belongs to the third that this seed chooses. */
export function isChosen(title: string): boolean {
  return all || createHash('sha256').update(`${seed} ${title}`).digest().readUInt32BE(0) % 3 === 0;
}
