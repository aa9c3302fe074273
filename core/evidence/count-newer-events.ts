import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { cursorInput } from '#core/evidence/cursor.ts';
import { questionOf } from '#core/evidence/filter.ts';
import { findEvents } from '#core/evidence/find-events.ts';

const MOST = 99;

/** How many events that fit a question came after one: at most 99, and then whether there are more. */
export const countNewerEvents = read(
  {
    name: 'count-newer-events',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ q: z.string().default(''), after: cursorInput }),
  },
  async ({ actor, db }, { q, after }) => {
    const { filter } = await questionOf(db, actor, q);
    const rows = await findEvents(db, { filter, from: after, direction: 'newer', limit: MOST + 1 });
    return { count: Math.min(rows.length, MOST), more: rows.length > MOST };
  },
);
