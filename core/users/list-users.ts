import { z } from 'zod';
import { canSignIn } from '#core/access/can-sign-in.ts';
import { read } from '#core/access/use-case.ts';

interface Row {
  id: string;
  email: string;
  name: string;
  role: string;
  state: 'active' | 'invited' | 'disabled';
  seen_at: Date | null;
  identity_allowed_until: Date | null;
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
      `select u.id, u.email, u.name, u.role, u.environments, u.labels,
              case when u.disabled_at is not null then 'disabled' when ${canSignIn} then 'active' else 'invited' end as state,
              exists (select 1 from identities where user_id = u.id) as has_identity,
              case when u.identity_allowed_until > rekey_now() then u.identity_allowed_until end as identity_allowed_until,
              (select max(last_seen_at) from sessions where user_id = u.id) as seen_at,
              exists (select 1 from second_factors where user_id = u.id and confirmed_at is not null) as has_second_factor
         from users u
        order by u.disabled_at is not null, u.name, u.email`,
    );
    return rows.map(
      ({
        seen_at: seenAt,
        has_second_factor: hasSecondFactor,
        has_identity: hasIdentity,
        identity_allowed_until: until,
        ...row
      }) => ({
        ...row,
        hasSecondFactor,
        /** Comes through the single sign-on, and has no password here. */
        hasIdentity,
        /** Until then the next single sign-on with their verified e-mail is them. */
        identityAllowedUntil: until?.toISOString() ?? null,
        seenAt: seenAt?.toISOString() ?? null,
      }),
    );
  },
);

export type UserRow = Awaited<ReturnType<typeof listUsers>>[number];
