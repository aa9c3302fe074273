import { z } from 'zod';
import type { Actor } from '#core/access/actor.ts';
import { credentialInScope, scopeOf, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import type { Database } from '#lib/db.ts';

const PAGE = 50;

const input = z.object({
  credentialId: z.uuid().optional(),
  rotationId: z.uuid().optional(),
  actor: z.string().trim().min(1).optional(),
  /** An action, or its beginning up to the dot: `rotation.` */
  action: z.string().trim().min(1).optional(),
  /** The id of the last event of the page before. */
  before: z.string().regex(/^\d+$/).optional(),
});

/** The page's events for who is limited to some credentials: they see those credentials' events and no others. */
async function idsInScope(db: Database, asker: Actor, filter: z.output<typeof input>): Promise<bigint[]> {
  const { credentialId, rotationId, actor, action, before } = filter;
  const { rows } = await db.pool.query<{ id: string }>(
    `select e.id from audit_events e join credentials c on c.id = e.credential_id
      where ${credentialInScope}
        and ($3::bigint is null or e.id < $3) and ($4::uuid is null or e.credential_id = $4)
        and ($5::uuid is null or e.rotation_id = $5) and ($6::text is null or e.actor_name = $6)
        and ($7::text is null or e.action = $7 or (right($7, 1) = '.' and starts_with(e.action, $7)))
      order by e.id desc limit $8`,
    [...scopeValues(asker), before, credentialId, rotationId, actor, action, PAGE + 1],
  );
  return rows.map(({ id }) => BigInt(id));
}

/** Audit events, the newest first, a page at a time. Pages are found by key, so the deepest is as fast as the first. */
export const listAuditEvents = read(
  {
    name: 'list-audit-events',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor: asker, db }, filter) => {
    const { credentialId, rotationId, actor, action, before } = filter;
    const seen = scopeOf(asker) === null ? null : await idsInScope(db, asker, filter);
    const rows = await db.prisma.auditEvent.findMany({
      where: {
        ...(seen === null ? {} : { AND: { id: { in: seen } } }),
        ...(before === undefined ? {} : { id: { lt: BigInt(before) } }),
        ...(credentialId === undefined ? {} : { credentialId }),
        ...(rotationId === undefined ? {} : { rotationId }),
        ...(actor === undefined ? {} : { actorName: actor }),
        ...(action === undefined ? {} : { action: action.endsWith('.') ? { startsWith: action } : action }),
      },
      orderBy: { id: 'desc' },
      take: PAGE + 1,
    });
    const items = rows.slice(0, PAGE).map((row) => ({
      id: String(row.id),
      at: row.at.toISOString(),
      action: row.action,
      outcome: row.outcome,
      actor: row.actorName,
      credentialId: row.credentialId,
      rotationId: row.rotationId,
      body: z.record(z.string(), z.unknown()).parse(JSON.parse(row.body)),
    }));
    return { items, nextBefore: rows.length > PAGE ? (items.at(-1)?.id ?? null) : null };
  },
);

export type AuditRow = Awaited<ReturnType<typeof listAuditEvents>>['items'][number];
