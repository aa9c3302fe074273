import type { Cursor } from '#core/evidence/cursor.ts';
import type { Filter } from '#core/evidence/filter.ts';
import { type EventRow, findEvents } from '#core/evidence/find-events.ts';
import type { Database } from '#lib/db.ts';

const BATCH = 500;

/** The place right after the newest event; what comes later is not part of an export. Null while there is none. */
export async function endOfNow(db: Database): Promise<Cursor | null> {
  const { rows } = await db.pool.query<{ at: Date; id: string }>(
    'select at, id + 1 as id from audit_events order by at desc, id desc limit 1',
  );
  return rows[0] ?? null;
}

/**
 * All events that fit, the newest first, a batch at a time and the next one only when it is asked for: neither memory nor a
 * transaction grows with how many there are or with how slowly they are taken.
 */
export async function* streamEvents(
  db: Database,
  filter: Filter,
  end: Cursor | null,
): AsyncGenerator<EventRow[]> {
  for (let from = end; from !== null; ) {
    const rows = await findEvents(db, { filter, from, direction: 'older', limit: BATCH });
    if (rows.length > 0) {
      yield rows;
    }
    const last = rows.at(-1);
    from = rows.length < BATCH || last === undefined ? null : last;
  }
}
