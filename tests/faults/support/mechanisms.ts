import pg from 'pg';
import { surfacescout } from '#connectors/issuers/surfacescout.ts';

/*
 * For the controls: what a worker is without one of its mechanisms. Only the worker of the fault suite calls this;
 * production code has no switch. What the database does (the fence of a commit) is replaced in the test's own database.
 */

const FENCE_QUESTION = /lease_until > rekey_now\(\)/;

function textOf(query: unknown): string {
  if (typeof query === 'string') {
    return query;
  }
  const text = typeof query === 'object' && query !== null && 'text' in query ? query.text : '';
  return String(text);
}

/** Every question for the fence is answered yes. */
function withoutFenceCheck(): void {
  const asked = pg.Pool.prototype.query as (this: pg.Pool, ...args: unknown[]) => unknown;
  Object.assign(pg.Pool.prototype, {
    query(this: pg.Pool, ...args: unknown[]) {
      const text = textOf(args[0]);
      return FENCE_QUESTION.test(text) && /^\s*select 1\b/.test(text)
        ? Promise.resolve({ rows: [{}], rowCount: 1 })
        : asked.apply(this, args);
    },
  });
}

/** A lost answer is never looked for: the issuer's list seems empty. */
function withoutReconcile(): void {
  Object.assign(surfacescout, { listSecrets: async () => [] });
}

export function removeMechanisms(names: readonly string[]): void {
  if (names.includes('fence_check')) {
    withoutFenceCheck();
  }
  if (names.includes('reconcile')) {
    withoutReconcile();
  }
}
