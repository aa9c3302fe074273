import { type Actor, roles } from '#core/access/actor.ts';
import { db } from '#lib/db.ts';

/** Whether session `s` of user `u` counts. It ends after 12 hours, and after one hour without a request. */
export const isLive = `s.revoked_at is null and u.disabled_at is null
  and s.created_at > rekey_now() - interval '12 hours' and s.last_seen_at > rekey_now() - interval '1 hour'`;

const hasSecondFactor = `exists (
  select 1 from second_factors f where f.user_id = u.id and f.confirmed_at is not null)`;

/** Where everybody must have a second factor, whoever came with a password and has none. A single sign-on asks for its own. */
const lacksSecondFactor = `not s.single_sign_on and exists (select 1 from second_factor_rule) and not ${hasSecondFactor}`;

/** Whoever came through the single sign-on and has neither a password nor a second factor here that could be asked for again. */
const hasNothingToGive = `s.single_sign_on and u.password_hash is null and not ${hasSecondFactor}`;

interface Row {
  id: string;
  name: string;
  role: string;
  step_up_at: Date;
  environments: string[];
  labels: string[];
  lacks_second_factor: boolean;
  signs_in_again: boolean;
}

/**
 * The user behind a session, read from the database at every request, so that a revoked session, a disabled user
 * or a changed role counts at once. Null when the session has ended.
 */
export async function readSession(sessionId: string): Promise<Extract<Actor, { kind: 'user' }> | null> {
  const { rows } = await db().pool.query<Row>(
    `update sessions s set last_seen_at = rekey_now()
       from users u
      where s.id = $1 and u.id = s.user_id and ${isLive}
      returning u.id, u.name, u.role, u.environments, u.labels, s.step_up_at,
                ${lacksSecondFactor} as lacks_second_factor, ${hasNothingToGive} as signs_in_again`,
    [sessionId],
  );
  const row = rows[0];
  const role = roles.find((known) => known === row?.role);
  if (row === undefined || role === undefined) {
    return null;
  }
  const { id, name, step_up_at: stepUpAt, environments, labels } = row;
  const scope = { environments, labels };
  const { lacks_second_factor: lacks, signs_in_again: signsInAgain } = row;
  return { kind: 'user', id, name, role, stepUpAt, sessionId, scope, lacksSecondFactor: lacks, signsInAgain };
}
