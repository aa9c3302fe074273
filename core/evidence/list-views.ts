import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

/** The saved views of the audit log, by name. Everybody who reads the log has the same. */
export const listViews = read(
  {
    name: 'list-views',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async ({ db }) => {
    const views = await db.prisma.savedView.findMany({ orderBy: { name: 'asc' } });
    return views.map(({ id, name, query, createdBy }) => ({
      id,
      name,
      query,
      by: z.object({ id: z.string().nullable(), name: z.string() }).parse(createdBy),
    }));
  },
);

export type SavedView = Awaited<ReturnType<typeof listViews>>[number];
