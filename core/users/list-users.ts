import { z } from 'zod';
import { read } from '#core/access/use-case.ts';

interface Row {
  id: string;
  email: string;
  name: string;
  role: string;
  state: 'active' | 'invited' | 'disabled';
  seen_at: Date | null;
  has_second_factor: boolean;
  has_identity: boolean;
  environments: string[];
  labels: string[];
}

/** Every user, with their role, whether they can sign in, and when they were last here. */
export const listUsers = read(
  { name: 'list-users', may: ['auditor', 'admin'], scope: 'everything', input: z.object({}) },
  async ({ db }) => {
    const { rows } = await db.pool.query<Row>(
      `select id, email, name, role, environments, labels,
              case when disabled_at is not null then 'disabled'
                   when password_hash is null and not has_identity then 'invited' else 'active' end as state, has_identity,
              (select max(last_seen_at) from sessions where user_id = users.id) as seen_at,
              exists (select 1 from second_factors where user_id = users.id and confirmed_at is not null) as has_second_factor
         from users
         cross join lateral (select exists (select 1 from identities where user_id = users.id) as has_identity) i
        order by disabled_at is not null, name, email`,
    );
    return rows.map(
      ({ seen_at: seenAt, has_second_factor: hasSecondFactor, has_identity: hasIdentity, ...row }) => ({
        ...row,
        hasSecondFactor,
        /** Comes through the single sign-on, and has no password here. */
        hasIdentity,
        seenAt: seenAt?.toISOString() ?? null,
      }),
    );
  },
);

export type UserRow = Awaited<ReturnType<typeof listUsers>>[number];
