import { fingerprint } from '#core/vault/fingerprint.ts';
import { db } from '#lib/db.ts';
import type { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

/** Longer than any request lasts; a process that died in one leaves its key to the next after this. */
const RUNS_SECONDS = 300;
const KEPT_HOURS = 24;

/** A request under a key: who sends it, and everything that it asks for. The text may hold secrets. */
export interface KeyedRequest {
  readonly actorId: string;
  readonly key: string;
  readonly text: Plaintext;
}

/** What was answered under a key. */
export interface Answered {
  readonly status: number;
  readonly resource: string;
}

// The insert and the three ways in which a key is free again are one statement, so that of many requests at once one runs.
const TAKE = `
  insert into idempotency_keys as k (actor_id, key, request, runs_until, expires_at)
  values ($1, $2, $3, rekey_now() + make_interval(secs => $4), rekey_now() + make_interval(hours => $5))
  on conflict (actor_id, key) do update
     set request = excluded.request, status = null, resource = null,
         runs_until = excluded.runs_until, expires_at = excluded.expires_at
   where k.expires_at <= rekey_now()
      or (k.status is null and k.runs_until <= rekey_now() and k.request = excluded.request)
  returning 1`;

interface Row {
  request: string;
  status: number | null;
  resource: string | null;
}

/**
 * Takes a key for a request (draft-ietf-httpapi-idempotency-key-header). Null: this one runs, and ends with `keepAnswer`
 * or `freeKey`. Otherwise what the first one was answered. Throws a `Problem`: 422 where the key was used for another
 * request, 409 while the first one runs.
 */
export async function takeKey({ actorId, key, text }: KeyedRequest): Promise<Answered | null> {
  const { pool } = db();
  const request = fingerprint(text);
  const { rowCount } = await pool.query(TAKE, [actorId, key, request, RUNS_SECONDS, KEPT_HOURS]);
  if (rowCount === 1) {
    return null;
  }
  const { rows } = await pool.query<Row>(
    'select request, status, resource from idempotency_keys where actor_id = $1 and key = $2',
    [actorId, key],
  );
  const [row] = rows;
  if (row !== undefined && row.request !== request) {
    throw new Problem(
      422,
      'key_reused',
      'This Idempotency-Key was used for another request within the last 24 hours. Nothing was changed; choose a new key.',
    );
  }
  if (row === undefined || row.status === null || row.resource === null) {
    throw new Problem(
      409,
      'still_running',
      'The first request with this Idempotency-Key is still running. Send this one again in a moment.',
    );
  }
  return { status: row.status, resource: row.resource };
}

/** Keeps what a request was answered. */
export async function keepAnswer(of: KeyedRequest, { status, resource }: Answered): Promise<void> {
  await db().pool.query(
    'update idempotency_keys set status = $3, resource = $4 where actor_id = $1 and key = $2 and request = $5',
    [of.actorId, of.key, status, resource, fingerprint(of.text)],
  );
}

/** Gives the key of a request back that was refused: it changed nothing, and may be sent again when it is mended. */
export async function freeKey({ actorId, key, text }: KeyedRequest): Promise<void> {
  await db().pool.query(
    'delete from idempotency_keys where actor_id = $1 and key = $2 and request = $3 and status is null',
    [actorId, key, fingerprint(text)],
  );
}

/** Removes what is older than a day. For the sweep. */
export async function forgetOldKeys(): Promise<void> {
  await db().pool.query('delete from idempotency_keys where expires_at <= rekey_now()');
}
