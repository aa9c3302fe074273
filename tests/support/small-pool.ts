import { type Database, db, openDatabase } from '#lib/db.ts';

const shared = globalThis as typeof globalThis & { rekeyDatabase?: Database };

/** Runs work with so few connections for the whole process that whatever holds one and asks for another never gets it. */
export async function withConnections<T>(max: number, work: () => Promise<T>): Promise<T> {
  const before = db();
  const small = openDatabase(process.env.DATABASE_URL ?? '', max);
  shared.rekeyDatabase = small;
  try {
    return await work();
  } finally {
    shared.rekeyDatabase = before;
    await small.close();
  }
}
