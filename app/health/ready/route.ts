import { db } from '#lib/db.ts';
import { compareMigrations } from '#lib/db-version.ts';

export const dynamic = 'force-dynamic';

/** Requests can be served: the database answers and has this code's migrations. Workers are named, not required. */
export async function GET(): Promise<Response> {
  try {
    const { pool } = db();
    const { pending, unknown } = await compareMigrations(pool);
    const { rows } = await pool.query<{ workers: number }>(
      `select count(*)::int as workers from workers where seen_at > rekey_now() - interval '15 seconds'`,
    );
    const ok = pending.length === 0 && unknown.length === 0;
    return Response.json(
      { ok, database: ok ? 'ready' : 'wrong version', workers: rows[0]?.workers ?? 0 },
      { status: ok ? 200 : 503 },
    );
  } catch {
    return Response.json({ ok: false, database: 'does not answer' }, { status: 503 });
  }
}
