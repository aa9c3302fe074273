import { z } from 'zod';
import { Problem } from '#lib/problem.ts';

/** In the query of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .meta({ description: 'How many items a page has at most.' }),
  cursor: z
    .string()
    .max(1000)
    .optional()
    .meta({ description: 'The `nextCursor` of the page before. It is opaque.' }),
});

type PageQuery = z.output<typeof pageQuery>;

/** A page as it is answered. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Give it as `cursor` to get the next page; null on the last one.' }),
  });

const encode = (key: string) => Buffer.from(JSON.stringify([key])).toString('base64url');

const badCursor = () => {
  const sentence = 'This is no cursor of this list. Give the nextCursor of the page before, or none.';
  return new Problem(400, 'bad_input', sentence, {}, { cursor: sentence });
};

function decode(cursor: string, key: z.ZodType<string>): string {
  try {
    const [found] = z.tuple([key]).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (found.includes('\0')) {
      throw badCursor();
    }
    return found;
  } catch {
    throw badCursor();
  }
}

/** What a list in core is asked for: one row more than the page holds, which tells whether there is another page. */
export function askFor({ limit, cursor }: PageQuery, key: z.ZodType<string> = z.string().max(200)) {
  return { limit: limit + 1, ...(cursor === undefined ? {} : { after: decode(cursor, key) }) };
}

/** Rows as a page. The cursor names the last row by its key, so that what is added or removed meanwhile shifts nothing. */
export function toPage<Row>(rows: readonly Row[], { limit }: PageQuery, keyOf: (row: Row) => string) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encode(keyOf(last)) : null };
}

/** A whole list, which is short, in the form of a page. */
export const wholeList = <Row>(items: readonly Row[]) => ({ items: [...items], nextCursor: null });

/** For a list whose read names the next page itself. */
export const cursorOf = (key: string | null) => (key === null ? null : encode(key));

/** The key in a cursor that `cursorOf` made. */
export const keyIn = decode;
