import { isLive } from '#core/access/session.ts';
import type { Database } from '#lib/db.ts';

interface Row {
  id: string;
  user_name: string;
  address: string | null;
  user_agent: string | null;
  created_at: Date;
  last_seen_at: Date;
}

/** A session that counts now. */
export interface SessionRow {
  id: string;
  user: string;
  address: string | null;
  userAgent: string | null;
  createdAt: string;
  lastSeenAt: string;
}

/** The sessions that count now, of one user or of all, the one used last first. */
export async function sessionRows(db: Database, userId: string | null): Promise<SessionRow[]> {
  const { rows } = await db.pool.query<Row>(
    `select s.id, u.name as user_name, s.address, s.user_agent, s.created_at, s.last_seen_at
       from sessions s join users u on u.id = s.user_id
      where ${isLive} and ($1::uuid is null or s.user_id = $1)
      order by s.last_seen_at desc limit 200`,
    [userId],
  );
  return rows.map((row) => ({
    id: row.id,
    user: row.user_name,
    address: row.address,
    userAgent: row.user_agent,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
  }));
}
