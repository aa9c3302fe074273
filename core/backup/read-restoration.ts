import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { storedList } from '#core/backup/list-item.ts';

/** What is known of a restored database that was not resumed: how it came here, and the list of what was found. Null: there is none. */
export const readRestoration = read(
  { name: 'read-restoration', may: ['admin'], scope: 'everything', input: z.object({}) },
  async ({ db }) => {
    const open = await db.prisma.restoration.findFirst({ where: { resumedAt: null } });
    return open === null
      ? null
      : {
          at: open.at.toISOString(),
          how: open.how,
          detail: open.detail,
          comparedAt: open.comparedAt?.toISOString() ?? null,
          list: storedList.parse(open.list ?? []),
        };
  },
);
