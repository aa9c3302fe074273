import { z } from 'zod';
import { atMost } from '#core/access/page.ts';
import { read } from '#core/access/use-case.ts';

/** Rotations, the newest first: those of a credential, those that are open, or all. */
export const listRotations = read(
  {
    name: 'list-rotations',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({
      credentialId: z.uuid().optional(),
      open: z.boolean().optional(),
      /** The id of the last rotation of the page before. */
      after: z.uuid().optional(),
      limit: z.int().min(1).max(1000).optional(),
    }),
  },
  async ({ db }, { credentialId, open, after, limit }) => {
    const rows = await db.prisma.rotation.findMany({
      where: {
        ...(credentialId === undefined ? {} : { credentialId }),
        ...(open === undefined ? {} : { outcome: open ? null : { not: null } }),
        ...(after === undefined ? {} : { id: { lt: after } }),
      },
      include: { credential: { select: { name: true } } },
      // Ids grow with time.
      orderBy: { id: 'desc' },
      ...atMost({ limit }),
    });
    return rows.map((row) => ({
      id: row.id,
      credentialId: row.credentialId,
      credential: row.credential.name,
      strategy: row.strategy,
      phase: row.phase,
      direction: row.direction,
      outcome: row.outcome,
      hold: row.hold,
      priority: row.priority,
      createdAt: row.createdAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
    }));
  },
);
