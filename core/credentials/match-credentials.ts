import { credentialFilter } from '#core/access/credential-filter.ts';
import { read } from '#core/access/use-case.ts';
import { FROM } from '#core/credentials/credential-states.ts';
import { filterConditions } from '#core/credentials/filter-conditions.ts';
import { Problem } from '#lib/problem.ts';

/** As many as a batch has at most. */
const MOST = 500;

/**
 * Every credential that fits a filter now, by name: what is changed together is named one by one. Throws a `Problem` 409
 * `too_many` where there are more than 500.
 */
export const matchCredentials = read(
  {
    name: 'match-credentials',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: credentialFilter,
  },
  async ({ actor, db }, wish) => {
    const { all, values } = filterConditions(actor, wish);
    const { rows } = await db.pool.query<{ id: string; name: string; environment: string }>(
      `select c.id, c.name, c.environment ${FROM} where ${all.join(' and ')} order by c.name, c.id limit ${MOST + 1}`,
      values,
    );
    if (rows.length > MOST) {
      throw new Problem(
        409,
        'too_many',
        `More than ${MOST} credentials fit this filter. Narrow it; so many are not changed together.`,
      );
    }
    return rows;
  },
);
