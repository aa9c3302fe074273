import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

/** The environments that there are credentials for, by name. */
export const listEnvironments = read(
  {
    name: 'list-environments',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async ({ db }) => {
    const { rows } = await db.pool.query<{ environment: string }>(
      'select distinct environment from credentials where archived_at is null order by environment',
    );
    return rows.map(({ environment }) => environment);
  },
);
