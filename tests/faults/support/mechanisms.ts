import pg from 'pg';
import { surfacescout } from '#connectors/issuers/surfacescout.ts';

/*
 * For the controls: what a worker is without one of its mechanisms. Only the worker of the fault suite calls this;
 * production code has no switch. What the database does (the fence of a commit) is replaced in the test's own database.
 */

const LEASE_CONDITION = /and \(lease_until is null or lease_until < rekey_now\(\)\)/;
const FENCE_QUESTION = /lease_until > rekey_now\(\)/;

function textOf(query: unknown): string {
  if (typeof query === 'string') {
    return query;
  }
  const text = typeof query === 'object' && query !== null && 'text' in query ? query.text : '';
  return String(text);
}

const asked = pg.Pool.prototype.query as (this: pg.Pool, ...args: unknown[]) => unknown;

/** The sweep also finds rotations that somebody is at work on. What claims them is replaced in the database. */
function withoutLease(): void {
  Object.assign(pg.Pool.prototype, {
    query(this: pg.Pool, question: unknown, ...values: unknown[]) {
      const text = textOf(question).replace(LEASE_CONDITION, '');
      const loose = typeof question === 'object' ? { ...question, text } : text;
      return asked.call(this, loose, ...values);
    },
  });
}

/** Every question for the fence is answered yes. */
function withoutFenceCheck(): void {
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
  if (names.includes('lease')) {
    withoutLease();
  }
  if (names.includes('reconcile')) {
    withoutReconcile();
  }
}
