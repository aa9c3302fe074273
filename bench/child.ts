import { type Mark, takeMarks } from '#bench/marks.ts';
import { startChild } from '#scripts/launcher/children.ts';

/*
 * Every part that is measured is a process of its own, so that its processor time is its own. They are asked over the
 * IPC channel that ties a child to its starter.
 */

export type Asking = Record<string, (input: never) => unknown>;

interface Question {
  id: number;
  ask: string;
  input: unknown;
}

type Answer = { id: number; answer: unknown } | { id: number; error: string };

/** Seconds of processor time a process has used, in its own code and in the kernel's. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const always: Asking = { cpu: cpuSeconds, marks: takeMarks, pid: () => process.pid };

async function reply(handlers: Asking, { id, ask, input }: Question): Promise<Answer> {
  try {
    const handler = always[ask] ?? handlers[ask];
    if (handler === undefined) {
      throw new Error(`This process does not know the question "${ask}".`);
    }
    return { id, answer: await (handler as (input: unknown) => unknown)(input) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** In a child: answers the starter's questions, and `cpu`, `marks` and `pid` in any case. */
export function answerQuestions(handlers: Asking): void {
  process.on('message', async (question: Question) => {
    process.send?.(await reply(handlers, question));
  });
}

export interface Asked<H extends Asking> {
  ask<K extends keyof H & string>(name: K, input: Parameters<H[K]>[0]): Promise<Awaited<ReturnType<H[K]>>>;
  cpu(): Promise<number>;
  marks(): Promise<Mark[]>;
  pid(): Promise<number>;
  stop(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Starts a script and asks it. A question to a child that ends is refused, not waited for. */
export async function startAsked<H extends Asking>(
  name: string,
  script: string,
  options: { env: NodeJS.ProcessEnv; logDir: string },
): Promise<Asked<H>> {
  const child = await startChild(name, script, options);
  const waiting = new Map<number, Waiting>();
  let last = 0;
  child.process.on('message', (message: Answer | 'ready') => {
    if (message === 'ready') {
      return;
    }
    const asker = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) {
      asker?.reject(new Error(`The process "${name}" failed: ${message.error}`));
    } else {
      asker?.resolve(message.answer);
    }
  });
  child.ended.then((code) => {
    for (const { reject } of waiting.values()) {
      reject(new Error(`The process "${name}" ended (code ${code}).`));
    }
  });
  const ask = (question: string, input: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      child.process.send({ id: last, ask: question, input }, (error) => error && reject(error));
    });
  return {
    ask: ask as Asked<H>['ask'],
    cpu: () => ask('cpu', null) as Promise<number>,
    marks: () => ask('marks', null) as Promise<Mark[]>,
    pid: () => ask('pid', null) as Promise<number>,
    stop: () => child.stop(),
  };
}
