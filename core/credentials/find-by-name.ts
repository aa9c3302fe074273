import { z } from 'zod';
import { credentialInScope, scopeValues } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';

const EACH = 6;

const input = z.object({ q: z.string().trim().min(1).max(200) });

export interface Named {
  kind: 'credential' | 'issuer' | 'target' | 'policy';
  id: string;
  name: string;
  /** Where it stands: a credential's issuer and environment. Empty for the others. */
  about: string;
}

/** What has this text in its name: credentials within the limits of who asks first, then issuers, targets and policies; names that begin with it first. */
export const findByName = read(
  {
    name: 'find-by-name',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { q }) => {
    const { rows } = await db.pool.query<Named>(
      `with asked as (select $3::text as q),
       found as (
         select 1 as rank, 'credential' as kind, c.id, c.name, i.name || ' · ' || c.environment as about
           from credentials c join issuers i on i.id = c.issuer_id where c.archived_at is null and ${credentialInScope}
         union all select 2, 'issuer', id, name, '' from issuers where archived_at is null
         union all select 3, 'target', id, name, '' from targets where archived_at is null
         union all select 4, 'policy', id, name, '' from policies where archived_at is null
       ), near as (
         select found.*, position(lower(q) in lower(name)) as at from found, asked
          where position(lower(q) in lower(name)) > 0
       ), numbered as (
         select *, row_number() over (partition by kind order by at > 1, name) as n from near
       )
       select kind, id, name, about from numbered where n <= $4 order by rank, n`,
      [...scopeValues(actor), q, EACH],
    );
    return rows;
  },
);
