import type { PoolClient } from 'pg';
import type { AuditActor } from '#core/audit/events.ts';
import { completeEvent } from '#core/audit/origin.ts';
import { newId } from '#lib/new-id.ts';

/** The row of the standstill that stands for a restored database, beside the one of a pause that a person made. */
export const RESTORED = 2;

/** How it is known that the database is not the one that the outside was last changed from. */
export type RestoredHow = 'backup' | 'copy' | 'hand';

interface Found {
  readonly how: RestoredHow;
  /** Sentences for people. */
  readonly detail: string;
  readonly actor: AuditActor;
}

/**
 * Lets nothing run on this database until issuers and targets were compared, ends every session and voids every link to choose a
 * password: what was revoked or used since the backup is in it as it was before. False: nothing runs already. With `anew` that is no
 * answer: what was compared before, in another database, does not count. The caller commits.
 */
export async function beginRestoration(
  client: PoolClient,
  { how, detail, actor }: Found,
  { anew } = { anew: false },
): Promise<boolean> {
  if (anew) {
    await client.query('delete from restorations where resumed_at is null');
  }
  const { rowCount } = await client.query(
    `insert into restorations (id, how, detail) values ($1, $2, $3) on conflict do nothing`,
    [newId(), how, detail],
  );
  await client.query(
    `insert into standstill (id, by, reason) values (${RESTORED}, 'Rekey', $1) on conflict do nothing`,
    [detail],
  );
  if (rowCount === 0) {
    return false;
  }
  await client.query('update sessions set revoked_at = rekey_now() where revoked_at is null');
  await client.query('update sign_in_links set used_at = rekey_now() where used_at is null');
  await client.query('select record_event($1::jsonb)', [
    JSON.stringify(completeEvent({ action: 'database.restored', actor, how, reason: detail })),
  ]);
  return true;
}

/** From now on this database is where it should be. */
export const TAKE_AS_OWN = `
  insert into instance (identity) values (database_identity())
  on conflict (id) do update set identity = excluded.identity, since = rekey_now()`;
