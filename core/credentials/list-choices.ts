import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

/** More than this nobody reads in a list of choices; the search finds the others. */
const MOST = 200;

interface Choices {
  issuers: { id: string; name: string }[];
  environments: string[];
  owners: string[];
  labels: string[];
}

/** What credentials can be filtered by: the issuers, environments, owners and labels that there are. */
export const listChoices = read(
  {
    name: 'list-choices',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async ({ db }) => {
    const { rows } = await db.pool.query<Choices>(
      `select
         coalesce((select json_agg(json_build_object('id', id, 'name', name) order by name)
            from (select id, name from issuers where archived_at is null order by name limit $1) i), '[]') as issuers,
         array(select distinct environment from credentials where archived_at is null order by 1 limit $1) as environments,
         array(select distinct owner from credentials where archived_at is null and owner is not null order by 1 limit $1)
           as owners,
         array(select distinct l from credentials c cross join unnest(c.labels) l where c.archived_at is null
                order by 1 limit $1) as labels`,
      [MOST],
    );
    return rows[0] ?? { issuers: [], environments: [], owners: [], labels: [] };
  },
);
