import fs from 'node:fs';
import { inject } from 'vitest';
import { type Database, openDatabase } from '#lib/db.ts';
import { withClient } from '#scripts/migrations.ts';
import { copyTemplate, dropDatabase } from '#tests/support/database.ts';

/** Where lib/db keeps the database of a process. */
const shared = globalThis as typeof globalThis & { rekeyDatabase?: Database };

const opened = new Map<string, Database>();

export interface PlainDatabase {
  /** The address for the application's role, and for the owner. */
  readonly appUrl: string;
  readonly ownerUrl: string;
  readonly name: string;
}

/** A database as migrations leave it, with the clock of production: a backup of it holds nothing of the tests. */
export async function plainDatabase(what: string): Promise<PlainDatabase> {
  const name = `test_${what}_${process.pid}`;
  const appUrl = await copyTemplate(inject('postgresUrl'), name);
  const owner = new URL(appUrl);
  owner.username = 'rekey_owner';
  const ownerUrl = owner.toString();
  await withClient(ownerUrl, async (client) => {
    await client.query(fs.readFileSync('prisma/sql/rekey_now.sql', 'utf8'));
    await client.query('drop table test_clock');
  });
  opened.set(name, openDatabase(appUrl, 8));
  return { appUrl, ownerUrl, name };
}

/** From now on `db()` and the commands of child processes mean this database. */
export function use({ appUrl, ownerUrl, name }: PlainDatabase): Database {
  const database = opened.get(name);
  if (database === undefined) throw new Error(`${name} is not open.`);
  Object.assign(process.env, { DATABASE_URL: appUrl, REKEY_MIGRATION_URL: ownerUrl });
  shared.rekeyDatabase = database;
  return database;
}

/** A new one, which is used from now on. */
export async function useNew(what: string): Promise<PlainDatabase> {
  const database = await plainDatabase(what);
  use(database);
  return database;
}

export async function dropPlain({ name }: Pick<PlainDatabase, 'name'>): Promise<void> {
  const database = opened.get(name);
  if (shared.rekeyDatabase === database) delete shared.rekeyDatabase;
  await database?.close();
  opened.delete(name);
  await dropDatabase(inject('postgresUrl'), name);
}

/** Drops each that was made here. */
export async function dropAllPlain(): Promise<void> {
  for (const name of [...opened.keys()]) await dropPlain({ name });
}
