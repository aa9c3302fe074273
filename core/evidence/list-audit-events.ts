import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

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

/** Audit events, the newest first, a page at a time. Pages are found by key, so the deepest is as fast as the first. */
export const listAuditEvents = read(
  {
    name: 'list-audit-events',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ db }, { credentialId, rotationId, actor, action, before }) => {
    const rows = await db.prisma.auditEvent.findMany({
      where: {
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
