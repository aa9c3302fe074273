import { z } from 'zod';
import { atMost } from '#core/access/page.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { viewBinding } from '#core/credentials/view-binding.ts';

/** The bindings of a credential, of a target or of all, the oldest first. */
export const listBindings = read(
  {
    name: 'list-bindings',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({
      credentialId: z.uuid().optional(),
      targetId: z.uuid().optional(),
      /** The id of the last binding of the page before. */
      after: z.uuid().optional(),
      limit: z.int().min(1).max(1000).optional(),
    }),
  },
  async ({ actor, db }, { credentialId, targetId, after, limit }) => {
    const rows = await db.prisma.binding.findMany({
      where: {
        archivedAt: null,
        credential: credentialsOf(actor),
        ...(credentialId === undefined ? {} : { credentialId }),
        ...(targetId === undefined ? {} : { targetId }),
        ...(after === undefined ? {} : { id: { gt: after } }),
      },
      include: { target: true, credential: true },
      // Ids grow with time.
      orderBy: { id: 'asc' },
      ...atMost({ limit }),
    });
    return rows.map(viewBinding);
  },
);
