import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { sessionRows } from '#core/users/session-rows.ts';

/** The actor's own sessions that count now. */
export const listSessions = read(
  {
    name: 'list-sessions',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'own',
    input: z.object({}),
  },
  async ({ actor, db }) => (actor.kind === 'user' ? sessionRows(db, actor.id) : []),
);
