/**
 * Does the same for each, so many at once; answers the results in the order of the items. The first error is thrown when what is
 * under way has ended, and nothing more is begun.
 */
export async function eachAtOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const errors: unknown[] = [];
  const left = items.entries();
  const take = async () => {
    for (const [n, item] of left) {
      try {
        results[n] = await work(item);
      } catch (error) {
        errors.push(error);
      }
      if (errors.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: most }, take));
  if (errors.length > 0) throw errors[0];
  return results;
}
