import { z } from 'zod';
import { eventInScope, scopeOf, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { refuseDetached } from '#core/evidence/detachments.ts';
import { eventOf } from '#core/evidence/event.ts';
import type { EventRow } from '#core/evidence/find-events.ts';
import { notFound } from '#lib/problem.ts';

interface Row extends EventRow {
  previous: string | null;
  next: string | null;
}

/** One event with everything that is stored of it, its body also as the very text its leaf is of, and its neighbours. */
export const readAuditEvent = read(
  {
    name: 'read-audit-event',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ id: z.string().regex(/^\d{1,18}$/) }),
  },
  async ({ actor, db }, { id }) => {
    const { rows } = await db.pool.query<Row>(
      `select e.id, e.at, e.action, e.outcome, e.actor_kind, e.actor_id, e.actor_name, e.credential_id, e.rotation_id, e.request_id,
              e.body, e.leaf,
              (select p.id from audit_events p where (p.at, p.id) < (e.at, e.id) and ${eventInScope('p')}
                order by p.at desc, p.id desc limit 1) as previous,
              (select n.id from audit_events n where (n.at, n.id) > (e.at, e.id) and ${eventInScope('n')}
                order by n.at, n.id limit 1) as next
         from audit_events e where e.id = $3 and ${eventInScope('e')}`,
      [...scopeValues(actor), id],
    );
    const [row] = rows;
    if (row === undefined) {
      if (scopeOf(actor) === null) await refuseDetached(db.pool, id);
      throw notFound('audit event');
    }
    return { ...eventOf(row), text: row.body, previous: row.previous, next: row.next };
  },
);
