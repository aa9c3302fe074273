import type { Pool } from 'pg';
import type { Collector, SealedEvent } from '#core/evidence/collector.ts';
import { listCollectors } from '#core/evidence/collectors.ts';
import { db } from '#lib/db.ts';
import { log } from '#lib/log.ts';

const AT_ONCE = 500;
/** A turn ends before another worker may take the next one. */
const SEND_MS = 20_000;
const TURN_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 60;

interface Turn {
  readonly seq: number;
  readonly fence: string;
  readonly failures: number;
}

/** Where a collector stands; what is detached is in no database any more. */
const STANDS = '(select coalesce(max(last_seq), 0) from audit_detachments)';

/** The time as it is stored, in whole milliseconds and never rounded up: what is due now must not be due in half a millisecond. */
const NOW = `date_trunc('milliseconds', rekey_now())`;

/** Takes the next turn with a collector; null where another worker has it, it is waited for, or the database is at rest. */
async function takeTurn(pool: Pool, name: string): Promise<Turn | null> {
  await pool.query(
    `insert into audit_streams (collector, next_at) values ($1, ${NOW}) on conflict do nothing`,
    [name],
  );
  const { rows } = await pool.query<{ seq: string; fence: string; failures: number }>(
    `update audit_streams
        set seq = greatest(seq, ${STANDS}), fence = fence + 1, next_at = rekey_now() + make_interval(secs => $2)
      where collector = $1 and next_at <= rekey_now() and not is_restored() returning seq, fence, failures`,
    [name, TURN_SECONDS],
  );
  const [row] = rows;
  return row === undefined ? null : { ...row, seq: Number(row.seq) };
}

type Place = { seq: string } & (Omit<SealedEvent, 'seq'> | { body: null });

/** The next places of the sealed order. An event that somebody deleted is none to send, and holds up no other. */
async function placesAfter(pool: Pool, seq: number): Promise<Place[]> {
  const { rows } = await pool.query<Place>(
    `select l.seq, e.id, e.at, encode(l.leaf, 'hex') as leaf, e.body
       from audit_leaves l left join audit_events e on e.id = l.event_id
      where l.seq > $1 order by l.seq limit ${AT_ONCE}`,
    [seq],
  );
  return rows;
}

const eventsOf = (places: readonly Place[]): SealedEvent[] =>
  places.flatMap((place) => (place.body === null ? [] : [{ ...place, seq: Number(place.seq) }]));

async function hasMore(pool: Pool, name: string): Promise<boolean> {
  const { rows } = await pool.query<{ more: boolean }>(
    `select exists (select from audit_leaves where seq > greatest(${STANDS},
       coalesce((select seq from audit_streams where collector = $1), 0))) as more`,
    [name],
  );
  return rows[0]?.more === true;
}

/** Ends a turn, unless somebody else has taken it over. */
async function endTurn(pool: Pool, name: string, { fence }: Turn, seq: number): Promise<void> {
  await pool.query(
    `update audit_streams set seq = $3, sent_at = rekey_now(), failures = 0, error = null, next_at = ${NOW}
      where collector = $1 and fence = $2`,
    [name, fence, seq],
  );
}

async function noteFailure(
  pool: Pool,
  name: string,
  { fence, failures }: Turn,
  error: unknown,
): Promise<void> {
  const wait = Math.min(LONGEST_WAIT_SECONDS, 2 ** Math.min(failures, 10) / 2);
  const said = error instanceof Error ? error.message : String(error);
  if (failures === 0) {
    const text = 'a collector of the audit log takes no events; it is given them again';
    log.warn({ err: error, collector: name }, text);
  }
  await pool.query(
    `update audit_streams set failures = failures + 1, error = $3,
            next_at = rekey_now() + make_interval(secs => $4) where collector = $1 and fence = $2`,
    [name, fence, said, wait],
  );
}

/** Sends one batch. Answers whether there may be more to send at once. */
async function carryOne(pool: Pool, collector: Collector): Promise<boolean> {
  const { name } = collector;
  if (!(await hasMore(pool, name))) return false;
  const turn = await takeTurn(pool, name);
  if (turn === null) return false;
  try {
    const places = await placesAfter(pool, turn.seq);
    const events = eventsOf(places);
    if (events.length > 0) await collector.send(events, AbortSignal.timeout(SEND_MS));
    if (turn.failures > 0) log.info({ collector: name }, 'a collector of the audit log takes events again');
    await endTurn(pool, name, turn, Number(places.at(-1)?.seq ?? turn.seq));
    return places.length === AT_ONCE;
  } catch (error) {
    await noteFailure(pool, name, turn, error);
    return false;
  }
}

/**
 * Gives a collector all that is sealed and that it does not have, in the sealed order, a batch at a time. Any number of workers may
 * call it: one of them sends. What is not known to have arrived is sent again, so an event comes at least once. A collector that
 * fails is tried again with growing waits, and a database that was restored sends nothing more until it is resumed; this throws only
 * where the database does not answer.
 */
export async function carry(pool: Pool, collector: Collector): Promise<void> {
  while (await carryOne(pool, collector));
}

let collectors: Collector[] | undefined;
const busy = new Set<string>();

/** Begins to give each collector what is new, and waits for none: one that hangs holds up no other. */
export async function keepStreaming(): Promise<void> {
  collectors ??= listCollectors();
  for (const collector of collectors) {
    const { name } = collector;
    if (busy.has(name)) continue;
    busy.add(name);
    void carry(db().pool, collector)
      .catch((error: unknown) => log.warn({ err: error, collector: name }, 'streaming the audit log failed'))
      .finally(() => busy.delete(name));
  }
}
