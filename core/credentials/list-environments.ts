import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';

/** The environments that there are credentials for, as far as who asks may see them, by name. */
export const listEnvironments = read(
  {
    name: 'list-environments',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({}),
  },
  async ({ actor, db }) => {
    const { rows } = await db.pool.query<{ environment: string }>(
      `select distinct c.environment from credentials c
        where c.archived_at is null and ${credentialInScope} order by c.environment`,
      scopeValues(actor),
    );
    return rows.map(({ environment }) => environment);
  },
);
