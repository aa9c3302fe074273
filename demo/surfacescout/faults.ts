import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { json, type Reply } from '#demo/reply.ts';

/**
 * A failure on demand, for the next `times` calls of one kind about one client.
 *
 * `status`, `html` and `drop_before` come instead of the effect. `drop_after` and `empty` come after it:
 * the caller gets no answer, or one with no body. `delay` waits, then all is as usual. `same_secret`
 * makes `issue` answer the secret that is live already; on other calls it does nothing.
 */
export const fault = z.object({
  clientId: z.string(),
  on: z.enum(['check', 'list', 'issue', 'read', 'revoke', 'token']),
  kind: z.enum(['status', 'html', 'drop_before', 'drop_after', 'delay', 'empty', 'same_secret']),
  /** For `status` (then 503 by default) and `html` (then 200). */
  status: z.number().int().min(200).max(599).optional(),
  retryAfterSeconds: z.number().int().min(0).max(3600).optional(),
  delayMs: z.number().int().min(0).max(60_000).default(1000),
  times: z.number().int().min(1).max(1000).default(1),
});

export type Fault = z.output<typeof fault>;

/** The armed faults, used up in the order they were armed. They are forgotten when the process ends. */
export class Faults {
  #armed: Fault[] = [];

  arm(next: Fault): void {
    this.#armed.push({ ...next });
  }

  clear(): void {
    this.#armed = [];
  }

  /** Whether any client has a fault of this kind of call waiting. */
  waits(on: Fault['on']): boolean {
    return this.#armed.some((armed) => armed.on === on);
  }

  /** Uses up one time of the first fault that fits. */
  take(clientId: string, on: Fault['on']): Fault | null {
    const found = this.#armed.find((armed) => armed.clientId === clientId && armed.on === on);
    if (!found) return null;
    found.times -= 1;
    if (found.times === 0) this.#armed = this.#armed.filter((armed) => armed !== found);
    return found;
  }
}

/** Runs the effect under a fault, and answers what the caller is to get: `drop` is a destroyed socket. A delay cut off by `signal` is a drop. */
export async function underFault<Answer>(
  current: Fault,
  effect: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer | Reply | 'drop'> {
  switch (current.kind) {
    case 'status': {
      const seconds = current.retryAfterSeconds;
      return json(
        current.status ?? 503,
        { error: 'fault' },
        seconds === undefined ? {} : { 'retry-after': `${seconds}` },
      );
    }
    case 'html':
      return {
        status: current.status ?? 200,
        headers: { 'content-type': 'text/html' },
        body: '<p>Sign in to the proxy.</p>',
      };
    case 'drop_before':
      return 'drop';
    case 'drop_after':
      await effect();
      return 'drop';
    case 'empty':
      await effect();
      return { status: 200, headers: {}, body: '' };
    case 'delay':
      return (await waited(current.delayMs, signal)) ? effect() : 'drop';
    case 'same_secret':
      return effect();
  }
}

async function waited(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
