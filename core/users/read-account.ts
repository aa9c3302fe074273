import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { notFound } from '#lib/problem.ts';

/** What the actor's own account is protected with. */
export const readAccount = read(
  {
    name: 'read-account',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'own',
    beforeSecondFactor: true,
    input: z.object({}),
  },
  async ({ actor, db }) => {
    const { rows } = await db.pool.query<{
      email: string;
      name: string;
      has_password: boolean;
      has_second_factor: boolean;
      recovery_codes: number;
    }>(
      `select u.email, u.name, u.password_hash is not null as has_password, f.confirmed_at is not null as has_second_factor,
              (select count(*)::int from recovery_codes where user_id = u.id and used_at is null) as recovery_codes
         from users u left join second_factors f on f.user_id = u.id where u.id = $1`,
      [actor.id],
    );
    const row = rows[0];
    if (row === undefined) {
      throw notFound('account');
    }
    return {
      email: row.email,
      name: row.name,
      hasPassword: row.has_password,
      hasSecondFactor: row.has_second_factor,
      recoveryCodes: row.recovery_codes,
    };
  },
);
