import type { Pool, PoolClient } from 'pg';
import { env } from '#lib/env.ts';

/** A master key by its id, and how many values it has sealed in each table. */
export interface KeyUse {
  readonly key: string;
  /** The first of the keyring, the one that seals. */
  readonly seals: boolean;
  /** It is in REKEY_MASTER_KEYS, so what it sealed opens. */
  readonly known: boolean;
  readonly values: number;
}

/**
 * Every table with a column `sealed`, from the database's own catalogue, so that none is forgotten. Each has a uuid `id`, and
 * its values are bound to (table, id, 'sealed'). Names come quoted where SQL needs it.
 */
export async function sealedTables({ pool }: { pool: Pool | PoolClient }): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select format('%I', c.relname) as name
       from pg_attribute a join pg_class c on c.oid = a.attrelid
      where a.attname = 'sealed' and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
        and c.relnamespace = current_schema()::regnamespace
      order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** How many values each master key has sealed: those of the keyring, in its order, then those that are missing from it. */
export async function countByKey(database: { pool: Pool | PoolClient }): Promise<KeyUse[]> {
  const parts = (await sealedTables(database)).map((table) => `select sealed from ${table}`);
  const { rows } = await database.pool.query<{ key: string; values: number }>(
    `select split_part(sealed, '.', 2) as key, count(*)::int as values
       from (${parts.join(' union all ')}) every where sealed is not null group by 1 order by 1`,
  );
  const counted = new Map(rows.map(({ key, values }) => [key, values]));
  const keyring = [...env().REKEY_MASTER_KEYS.keys()];
  const missing = [...counted.keys()].filter((key) => !keyring.includes(key));
  return [...keyring, ...missing].map((key) => ({
    key,
    seals: key === keyring[0],
    known: keyring.includes(key),
    values: counted.get(key) ?? 0,
  }));
}
