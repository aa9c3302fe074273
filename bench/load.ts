/** How long to keep something busy, and how much of it at once. */
export interface Load {
  seconds: number;
  concurrency: number;
}

export interface Done {
  count: number;
  seconds: number;
}

/**
 * Does `once` again and again in `concurrency` lanes. What was begun in time is finished and counted, and the seconds
 * run until the last of it has ended.
 */
export async function keepBusy(load: Load, once: (lane: number) => Promise<void>): Promise<Done> {
  const begun = performance.now();
  const end = begun + load.seconds * 1000;
  let count = 0;
  const lanes = Array.from({ length: load.concurrency }, async (_, lane) => {
    while (performance.now() < end) {
      await once(lane);
      count += 1;
    }
  });
  await Promise.all(lanes);
  return { count, seconds: (performance.now() - begun) / 1000 };
}

/** Lets at most `most` of the given tasks run at once; the others wait for their turn. */
export function atMost(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= most) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running += 1;
    try {
      return await task();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
