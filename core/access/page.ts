import { z } from 'zod';

/** A page of a list by name: at most `limit` rows after the one that is called `after`. Without both, the whole list. */
export const pageInput = z.object({
  after: z.string().max(200).optional(),
  limit: z.int().min(1).max(1000).optional(),
});

type Page = z.output<typeof pageInput>;

/** The rows after the page before. Found by their key, so that the deepest page is as fast as the first. */
export const afterName = ({ after }: Page): { name?: { gt: string } } =>
  after === undefined ? {} : { name: { gt: after } };

/** How many rows are asked for. */
export const atMost = ({ limit }: Pick<Page, 'limit'>): { take?: number } =>
  limit === undefined ? {} : { take: limit };
