import { z } from 'zod';

/** The place of one event in the order of (at, id). */
export interface Cursor {
  readonly at: Date;
  readonly id: string;
}

/** A cursor in an address: milliseconds since 1970, and the event's id. */
export const cursorInput = z
  .string()
  .regex(/^\d{1,14}-\d{1,18}$/)
  .transform((text): Cursor => {
    const [ms = '0', id = '0'] = text.split('-');
    return { at: new Date(Number(ms)), id };
  });

/** The same, written. */
export function cursorOf({ at, id }: Cursor): string {
  return `${at.getTime()}-${id}`;
}
