import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { sessionRows } from '#core/users/session-rows.ts';

/** Everybody's sessions that count now; the 200 used last. */
export const listAllSessions = read(
  { name: 'list-all-sessions', may: ['admin'], scope: 'everything', input: z.object({}) },
  ({ db }) => sessionRows(db, null),
);
