import { beginRestoration } from '#core/backup/restoration.ts';
import { db, inTransaction } from '#lib/db.ts';
import { log } from '#lib/log.ts';

const actor = { kind: 'system', id: null, name: 'Rekey' } as const;

const detail =
  'This database is not where it was: it is a copy of another one, or was moved to another server. Where the first one still runs, secrets are rotated from there, and this one does not know of it.';

interface Look {
  here: string;
  before: string | null;
  restored: boolean;
}

async function noteCopy(before: string): Promise<void> {
  const began = await inTransaction(async (client) => {
    // Of several processes that notice it at once, one writes it down.
    const { rows } = await client.query('select 1 from instance where identity = $1 for update', [before]);
    return rows.length > 0 && (await beginRestoration(client, { how: 'copy', detail, actor }));
  });
  if (began) {
    log.warn(`${detail} Nothing runs before "rekey resume --after-restore".`);
  }
}

/**
 * Whether nothing may run, because the database came out of a backup or is a copy and was not compared with the outside since. Asked
 * at the start of every process and before everything that a worker does by itself. The first process of a new database
 * notes where that is; one that finds it elsewhere later stops everything.
 */
export async function isAtRest(): Promise<boolean> {
  const { pool } = db();
  const { rows } = await pool.query<Look>({
    name: 'is_at_rest',
    text: `select database_identity() as here, (select identity from instance) as before, is_restored() as restored`,
  });
  const look = rows[0];
  if (look === undefined) {
    throw new Error('The database did not say which one it is.');
  }
  if (look.before === null) {
    await pool.query('insert into instance (identity) values ($1) on conflict do nothing', [look.here]);
    return look.restored;
  }
  if (look.before !== look.here && !look.restored) {
    await noteCopy(look.before);
    return true;
  }
  return look.restored;
}
