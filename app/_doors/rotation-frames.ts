import { type Revised, type RotationProgress, revisionOf } from '#app/_doors/rotation-progress.ts';

export interface RotationSource<Progress = RotationProgress> {
  read(): Promise<Progress>;
  /** Calls `watcher` after changes; answers how to stop. Resolves when it listens. */
  watch(watcher: () => void): Promise<() => void>;
}

/** In milliseconds. */
export const times = {
  /** A change is read at the latest this long after it, also when its signal was lost. */
  readEvery: 2000,
  /** Proxies close what is silent for longer. */
  pingAfter: 15_000,
  /** The browser then asks again, so an ended session sees progress no longer than this. */
  life: 5 * 60_000,
};

/** Remembers that it rang, so that a change during a read is not slept over. */
function makeBell() {
  let rung = false;
  let wake = () => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    wait: async (ms: number) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}

/**
 * The frames of one progress stream (server-sent events, WHATWG HTML 9.2): the state now unless `known` names it, then
 * every change of it. Listens before it reads, so nothing falls between the two. Ends after the outcome was sent, when
 * `signal` aborts, or when its life is over.
 */
export async function* rotationFrames<Progress extends Revised>(
  source: RotationSource<Progress>,
  known: string | null,
  signal: AbortSignal,
  { readEvery, pingAfter, life } = times,
): AsyncGenerator<string> {
  const bell = makeBell();
  signal.addEventListener('abort', bell.ring, { once: true });
  const stop = await source.watch(bell.ring);
  try {
    yield 'retry: 1000\n\n';
    const began = Date.now();
    let sent = known;
    let spokenAt = began;
    while (!signal.aborted && Date.now() - began < life) {
      const progress = await source.read();
      const revision = revisionOf(progress);
      if (revision !== sent) {
        yield `id: ${revision}\nevent: rotation\ndata: ${JSON.stringify(progress)}\n\n`;
        sent = revision;
        spokenAt = Date.now();
      } else if (Date.now() - spokenAt >= pingAfter) {
        yield ': still here\n\n';
        spokenAt = Date.now();
      }
      if (progress.outcome !== null) {
        return;
      }
      await bell.wait(readEvery);
    }
  } finally {
    stop();
    signal.removeEventListener('abort', bell.ring);
  }
}
