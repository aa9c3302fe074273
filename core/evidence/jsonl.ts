import type { EventRow } from '#core/evidence/find-events.ts';

/**
 * One event as a line. The body stands in it byte for byte as it is stored, and last, so that its leaf can be worked out
 * again from what stands between `"body":` and the line's closing brace: SHA-256 of a zero byte and that text.
 */
export function jsonLine({ id, leaf, body }: EventRow): string {
  return `{"id":"${id}","leaf":"${leaf.toString('hex')}","body":${body}}\n`;
}
