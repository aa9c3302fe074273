import { z } from 'zod';
import { eventInScope, scopeOf, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import type { InclusionProof } from '#core/audit/inclusion.ts';
import { refuseDetached } from '#core/evidence/detachments.ts';
import { findProofs } from '#core/evidence/find-proofs.ts';
import { Problem } from '#lib/problem.ts';

/** What shows, without this database, that one event was sealed. `faultOfProof` checks it. */
export const readInclusionProof = read(
  {
    name: 'read-inclusion-proof',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ eventId: z.string().regex(/^\d{1,18}$/) }),
  },
  async ({ actor, db }, { eventId }): Promise<InclusionProof> => {
    const [place] = await findProofs(db, [eventId]);
    const { rows } = await db.pool.query<{ body: string }>(
      `select e.body from audit_events e where e.id = $3 and ${eventInScope('e')}`,
      [...scopeValues(actor), eventId],
    );
    const [event] = rows;
    if (place === undefined || event === undefined) {
      if (scopeOf(actor) === null) await refuseDetached(db.pool, eventId);
      const message = `There is no sealed event ${eventId}. A new event is sealed within a second; ask again.`;
      throw new Problem(404, 'not_sealed', message);
    }
    return { ...place, body: event.body };
  },
);
