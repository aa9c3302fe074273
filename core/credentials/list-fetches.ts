import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

interface Row {
  bindingId: string;
  target: string;
  served: number;
  next: number | null;
  clientId: string | null;
  client: string | null;
  revoked: boolean | null;
  fetched: number | null;
  fetchedAt: Date | null;
  reported: number | null;
  reportedAt: Date | null;
}

const known = (n: number | null, at: Date | null) =>
  n === null || at === null ? null : { version: n, at: at.toISOString() };

/** The rows of a binding lie together: one for each consumer, or one without. */
const isFirst = ({ bindingId }: Row, index: number, rows: Row[]) => rows[index - 1]?.bindingId !== bindingId;

function consumerOf({ clientId, client, revoked, ...row }: Row) {
  if (clientId === null || client === null) {
    return [];
  }
  const fetched = known(row.fetched, row.fetchedAt);
  const reported = known(row.reported, row.reportedAt);
  return [{ clientId, client, revoked: revoked === true, fetched, reported }];
}

/**
 * The bindings of a credential that consumers fetch from: which version is served, and which one each consumer that is allowed
 * last fetched and reported.
 */
export const listFetches = read(
  {
    name: 'list-fetches',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ db }, { credentialId }) => {
    const last = (at: 'last_at' | 'reported_at') => `
      left join lateral (
        select v.n, f.${at} as at from secret_fetches f join secret_versions v on v.id = f.version_id
         where f.binding_id = b.id and f.client_id = c.client_id and f.${at} is not null
         order by f.${at} desc, v.n desc limit 1)`;
    const { rows } = await db.pool.query<Row>(
      `select b.id as "bindingId", t.name as target, served.n as served, next.n as next,
              c.client_id as "clientId", a.name as client, a.revoked_at is not null as revoked,
              fetched.n as fetched, fetched.at as "fetchedAt", reported.n as reported, reported.at as "reportedAt"
         from bindings b
         join targets t on t.id = b.target_id
         join served_versions s on s.binding_id = b.id and s.slot = 'primary'
         join secret_versions served on served.id = s.version_id
         left join served_versions beside on beside.binding_id = b.id and beside.slot = 'next'
         left join secret_versions next on next.id = beside.version_id
         left join binding_consumers c on c.binding_id = b.id
         left join api_clients a on a.id = c.client_id
         ${last('last_at')} fetched on true
         ${last('reported_at')} reported on true
        where b.credential_id = $1 and b.archived_at is null
        order by b.id, a.name, c.client_id`,
      [credentialId],
    );
    return rows.filter(isFirst).map(({ bindingId, target, served, next }) => ({
      bindingId,
      target,
      served,
      next,
      consumers: rows.filter((row) => row.bindingId === bindingId).flatMap(consumerOf),
    }));
  },
);

export type FetchesView = Awaited<ReturnType<typeof listFetches>>[number];
