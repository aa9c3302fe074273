import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { viewBinding } from '#core/credentials/view-binding.ts';
import { notFound } from '#lib/problem.ts';

/** One binding: which fields of which credential go to which keys of which target. */
export const readBinding = read(
  {
    name: 'read-binding',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ bindingId: z.uuid() }),
  },
  async ({ db }, { bindingId }) => {
    const row = await db.prisma.binding.findUnique({
      where: { id: bindingId, archivedAt: null },
      include: { target: true, credential: true },
    });
    if (row === null) {
      throw notFound('binding');
    }
    return viewBinding(row);
  },
);
