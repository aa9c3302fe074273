import { type Database, openDatabase } from '#lib/db.ts';
import { copyTemplate, dropDatabase } from '#tests/support/database.ts';
import { ownPostgres } from '#tests/support/own-postgres.ts';
import { makeTemplate } from '#tests/support/postgres.ts';
import { relayTo } from '#tests/support/relay.ts';

/** Where lib/db keeps the database of a process; here it leads through a relay that can be closed. */
const shared = globalThis as typeof globalThis & { rekeyDatabase?: Database };

let template: Promise<void> | undefined;
let count = 0;

export interface OwnDatabase {
  readonly database: Database;
  /** From then on no call reaches the database. */
  breakDown(): Promise<void>;
  close(): Promise<void>;
}

/** A migrated database of Rekey's own for one world of the contract suite, which `db()` answers until it is closed. */
export async function ownDatabase(): Promise<OwnDatabase> {
  const postgres = await ownPostgres();
  template ??= makeTemplate(postgres);
  await template;
  count += 1;
  const name = `world_${count}`;
  const relay = await relayTo(postgres.port);
  const address = new URL(await copyTemplate(postgres.url('postgres'), name));
  address.port = String(relay.port);
  const before = shared.rekeyDatabase;
  const database = openDatabase(address.toString(), 4);
  shared.rekeyDatabase = database;
  return {
    database,
    breakDown: relay.close,
    close: async () => {
      if (shared.rekeyDatabase === database) {
        if (before === undefined) delete shared.rekeyDatabase;
        else shared.rekeyDatabase = before;
      }
      await relay.close();
      await database.close();
      await dropDatabase(postgres.url('postgres'), name);
    },
  };
}
