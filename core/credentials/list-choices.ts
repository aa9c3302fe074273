import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';

/** More than this nobody reads in a list of choices; the search finds the others. */
const MOST = 200;

interface Choices {
  issuers: { id: string; name: string }[];
  environments: string[];
  owners: string[];
  labels: string[];
}

/** What credentials can be filtered by: the issuers that there are, and what the credentials have that who asks may see. */
export const listChoices = read(
  {
    name: 'list-choices',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({}),
  },
  async ({ actor, db }) => {
    const { rows } = await db.pool.query<Choices>(
      `with seen as (select c.* from credentials c where c.archived_at is null and ${credentialInScope})
       select
         coalesce((select json_agg(json_build_object('id', id, 'name', name) order by name)
            from (select id, name from issuers where archived_at is null order by name limit $3) i), '[]') as issuers,
         array(select distinct environment from seen order by 1 limit $3) as environments,
         array(select distinct owner from seen where owner is not null order by 1 limit $3) as owners,
         array(select distinct l from seen c cross join unnest(c.labels) l order by 1 limit $3) as labels`,
      [...scopeValues(actor), MOST],
    );
    return rows[0] ?? { issuers: [], environments: [], owners: [], labels: [] };
  },
);
