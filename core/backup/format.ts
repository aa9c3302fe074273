import { z } from 'zod';

/*
 * A backup is one gzipped text. Its first line is the header; then come the rows of the tables, in the header's order, one JSON
 * object on each line; its last line is the trailer. No key is in it.
 */

/** Grows when what is written can no longer be read by what read it before. */
const FORMAT = 1;

const tableSchema = z.object({
  name: z.string(),
  columns: z.array(z.string()).min(1),
  rows: z.number().int().min(0),
});

export const headerSchema = z.object({
  rekeyBackup: z.literal(FORMAT),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  /** The version of the Rekey that made it. */
  version: z.string(),
  /** Applied migrations, in their order: what the tables look like. */
  migrations: z.array(z.string()).min(1),
  /** In an order in which every row finds what it refers to. */
  tables: z.array(tableSchema),
  sequences: z.array(z.object({ name: z.string(), last: z.string() })),
  keys: z.object({
    /** The ids of the master keys that it opens with. */
    master: z.array(z.string()),
    /** The backup's id, sealed: opens with the right master key only. */
    check: z.string(),
    /** The backup's id under the fingerprint key. */
    fingerprint: z.string(),
    /** The id of the key that signed the audit log. */
    audit: z.string(),
  }),
});

export type Header = z.output<typeof headerSchema>;
export type BackedUpTable = z.output<typeof tableSchema>;

export const trailerSchema = z.object({
  /** SHA-256 of every line before this one. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The same, sealed: whoever lacks the master key cannot make another file that is taken. */
  sealed: z.string(),
});

/** Where the two sealed values of a backup are bound to. */
export const placeOf = (id: string, field: 'keys' | 'sha256') => ({ table: 'backup', id, field });
