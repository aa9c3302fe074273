import { z } from 'zod';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { confirmRefusal } from '#core/rotation/asked-glass.ts';
import { requester } from '#core/rotation/requester.ts';
import { reviewRefusal } from '#core/rotation/review-refusal.ts';
import { whoAsked } from '#core/rotation/who-asked.ts';

const input = z.object({ credentialId: z.uuid().optional() });

/** Where the glass is asked to be broken, and where it was and the review is open; the oldest first. */
export const listBreakGlass = read(
  {
    name: 'list-break-glass',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { credentialId }) => {
    const rows = await db.prisma.glassBreak.findMany({
      where: {
        OR: [{ state: 'asked' }, { state: 'broken', conclusion: null }],
        credential: credentialsOf(actor),
        ...(credentialId === undefined ? {} : { credentialId }),
      },
      orderBy: { requestedAt: 'asc' },
      take: 200,
      include: { credential: true },
    });
    return Promise.all(
      rows.map(async (row) => {
        const by = requester.parse(row.requestedBy);
        const askedBy = await whoAsked(db.prisma, [by], row.requestedAt);
        const isAsked = row.state === 'asked';
        return {
          askId: row.id,
          rotationId: row.rotationId,
          credentialId: row.credentialId,
          credential: row.credential.name,
          environment: row.credential.environment,
          state: isAsked ? ('asked' as const) : ('review_open' as const),
          requestedBy: by.name,
          reason: row.reason,
          requestedAt: row.requestedAt.toISOString(),
          until: isAsked ? row.until.toISOString() : null,
          brokenAt: isAsked ? null : (row.decidedAt?.toISOString() ?? null),
          /** The second person; null where nobody else was there. */
          confirmedBy: isAsked ? null : row.decidedBy,
          /** Whether the reader may take it back, as one of those who count as having asked. */
          isOwn: actor.id !== null && askedBy.all.includes(actor.id),
          /** Why the reader may not confirm it, or close the review; null when they may. */
          refusal: isAsked
            ? confirmRefusal(askedBy, actor)
            : await reviewRefusal(db.prisma, row.credentialId, by, actor),
        };
      }),
    );
  },
);

export type BreakGlassRow = Awaited<ReturnType<typeof listBreakGlass>>[number];
