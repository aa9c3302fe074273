import type { PoolClient } from 'pg';

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * What no backup holds: what is true only of the processes that run now, who is signed in, and where the database is. The
 * migrations are named in the header.
 */
const LEFT_OUT = ['_prisma_migrations', 'instance', 'outside_turns', 'request_counts', 'sessions', 'workers'];

/** The names, each behind those that it refers to. */
function ordered(names: readonly string[], references: readonly { from: string; to: string }[]): string[] {
  const done: string[] = [];
  while (done.length < names.length) {
    const waits = (name: string) =>
      references.some(({ from, to }) => from === name && to !== name && !done.includes(to));
    const next = names.filter((name) => !done.includes(name) && !waits(name));
    if (next.length === 0) {
      throw new Error(
        `The tables ${names.filter((name) => !done.includes(name)).join(', ')} refer in a ring.`,
      );
    }
    done.push(...next);
  }
  return done;
}

/**
 * Every table that a backup holds, from the database's own catalogue so that none is forgotten, with the columns that are
 * stored. Each stands behind the tables that it refers to.
 */
export async function tablesToKeep(client: PoolClient): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname as name,
            array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname <> all($1)
        and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      group by c.relname order by c.relname`,
    [LEFT_OUT],
  );
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `select f.relname as "from", t.relname as "to"
       from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
      where k.contype = 'f' and f.relnamespace = current_schema()::regnamespace and t.relname <> all($1)
        and f.relname <> all($1)`,
    [LEFT_OUT],
  );
  const byName = new Map(rows.map((table) => [table.name, table]));
  return ordered([...byName.keys()], references).flatMap((name) => byName.get(name) ?? []);
}
