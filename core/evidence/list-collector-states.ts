import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { env } from '#lib/env.ts';

interface Row {
  name: string;
  behind: string;
  since: Date | null;
  sent_at: Date | null;
  error: string | null;
}

const STATES = `
  select name, (select coalesce(max(last_seq), 0) from audit_batches) - stands.seq as behind,
         (select at from audit_batches where last_seq > stands.seq order by last_seq limit 1) as since,
         s.sent_at, s.error
    from unnest($1::text[]) with ordinality as named(name, place)
    left join audit_streams s on s.collector = name
    cross join lateral (
      select greatest((select coalesce(max(last_seq), 0) from audit_detachments), coalesce(s.seq, 0)) as seq) stands
   order by place`;

/** How far each collector that the environment names was sent the audit log, and why one takes nothing. */
export const listCollectorStates = read(
  {
    name: 'list-collector-states',
    may: ['auditor', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async ({ db }) => {
    const names = env().REKEY_AUDIT_STREAM.map(({ name }) => name);
    if (names.length === 0) return [];
    const { rows } = await db.pool.query<Row>(STATES, [names]);
    return rows.map(({ name, behind, since, sent_at, error }) => ({
      name,
      /** Sealed events that it was not sent, and when the first of them was sealed. */
      behind: Number(behind),
      since: since?.toISOString() ?? null,
      sentAt: sent_at?.toISOString() ?? null,
      error,
    }));
  },
);

export type CollectorState = Awaited<ReturnType<typeof listCollectorStates>>[number];
