import { log } from '#lib/log.ts';

/** Runs `work` again and again, `everyMs` after the last one ended. A failure is logged and does not stop it. */
export function repeat(name: string, everyMs: number, work: () => Promise<void>): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const run = async () => {
    try {
      await work();
    } catch (error) {
      log.warn({ err: error, name }, 'a repeated task failed and will run again');
    }
    if (!stopped) {
      timer = setTimeout(run, everyMs);
    }
  };
  timer = setTimeout(run, everyMs);
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
