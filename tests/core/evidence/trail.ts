import { expect, inject } from 'vitest';
import { system } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import type { Verification } from '#core/evidence/verification.ts';
import { finishVerification } from '#core/evidence/verification.ts';
import { verifyAudit } from '#core/evidence/verify-audit.ts';
import { db } from '#lib/db.ts';
import { withClient } from '#scripts/migrations.ts';

const actor = { kind: 'user' as const, id: 'u1', name: 'Ada' };

/** Adds one event. */
export function add(name = 'Ada'): Promise<void> {
  return db().prisma.$transaction((tx) =>
    record(tx, { action: 'session.opened', actor: { ...actor, name } }),
  );
}

/**
 * Waits until no transaction is open that began before the newest batch was sealed. A snapshot knows those of every database
 * of the server, and other tests write to theirs.
 */
export async function settle(): Promise<void> {
  await expect
    .poll(
      () =>
        rowsOf(
          `select n from audit_batches where xid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint`,
        ),
      { timeout: 20_000, interval: 10 },
    )
    .toEqual([]);
}

/** Verifies all of it, as the command line does. */
export async function verifyAll(wish: Parameters<typeof verifyAudit>[1] = {}): Promise<Verification> {
  return finishVerification(await verifyAudit(system('test'), wish));
}

/** Changes the database as its superuser does who has switched the triggers off. */
export async function tamper(...statements: string[]): Promise<void> {
  const url = new URL(inject('postgresUrl'));
  url.pathname = new URL(process.env.DATABASE_URL ?? '').pathname;
  await withClient(url.toString(), async (client) => {
    await client.query('set session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
  });
}

export const rowsOf = async <T extends Record<string, unknown>>(sql: string): Promise<T[]> =>
  (await db().pool.query<T>(sql)).rows;

export const leaves = () =>
  rowsOf<{ seq: string; event_id: string }>('select seq, event_id from audit_leaves order by seq');
