import { answerQuestions } from '#bench/child.ts';
import { keepSealed } from '#core/evidence/keep-sealed.ts';
import { db } from '#lib/db.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/* The sealer as a worker runs it, while it is asked to. */

let timer: NodeJS.Timeout | undefined;
let running: Promise<void> = Promise.resolve();

function again(): void {
  running = keepSealed();
  running.then(() => {
    if (timer !== undefined) timer = setTimeout(again, 250);
  });
}

const handlers = {
  start: (_: undefined) => {
    timer = setTimeout(again, 250);
  },
  /** Stops, and answers in how many milliseconds what was left is sealed. */
  stop: async (_: undefined) => {
    clearTimeout(timer);
    timer = undefined;
    const begun = performance.now();
    await running;
    await keepSealed();
    return performance.now() - begun;
  },
};

export type SealerHandlers = typeof handlers;

answerQuestions(handlers);
tieToStarter(() => db().close());
sayReady();
