import { log } from '#lib/log.ts';

/**
 * Runs `work` again and again, `everyMs` after the last one ended. A failure is logged and does not stop it. `stop` begins
 * nothing more, and resolves when what is under way has ended.
 */
export function repeat(name: string, everyMs: number, work: () => Promise<void>): { stop(): Promise<void> } {
  let stopped = false;
  let underWay = Promise.resolve();
  let timer: NodeJS.Timeout;
  const run = async () => {
    try {
      await work();
    } catch (error) {
      log.warn({ err: error, name }, 'a repeated task failed and will run again');
    }
    if (!stopped) {
      wait();
    }
  };
  const wait = () => {
    timer = setTimeout(() => {
      underWay = run();
    }, everyMs);
  };
  wait();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return underWay;
    },
  };
}
