import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';
import { PrismaClient } from '#prisma/generated/client.ts';

/** What reads and writes inside or outside a transaction. */
export type Db = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | '$use'
>;

export interface Database {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

/** What plain SQL is sent to: the pool, or the one connection of a transaction, which asks for no second one while it holds locks. */
export type Connection = Pick<pg.PoolClient, 'query'>;

type Taken = Parameters<pg.Pool['connect']>[0];

/** What a statement gets that waited in vain for its turn: it was never sent. */
const busy = () =>
  new Problem(
    503,
    'busy',
    'More is asked for at once than the database answers: no connection to it was free in time. Nothing is stored by half; ask again in a few seconds.',
  );

const explained = <E>(error: E) =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect' ? busy() : error;

/** An error as the database's own refusal where it is one: Prisma lays an error of its own over that, and keeps the code. */
export function unwrapped(error: unknown): unknown {
  const isLaidOver = error instanceof Error && !(error instanceof Problem) && 'code' in error;
  return isLaidOver && error.code === 'busy' ? busy() : error;
}

/** A pool whose refusal under too many requests is a `Problem` 503, for plain SQL and for Prisma. */
class Pool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(taken: Taken): void;
  override connect(taken?: Taken): Promise<pg.PoolClient> | undefined {
    if (taken === undefined) {
      return super.connect().catch((error) => {
        throw explained(error);
      });
    }
    super.connect((error, client, done) => taken(explained(error), client, done));
    return undefined;
  }
}

/**
 * Opens one pool, shared by Prisma and by plain SQL. More statements than connections wait for their turn, each for ten
 * seconds at the most; then they are refused with a `Problem` 503.
 */
export function openDatabase(url: string, max = 16): Database {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 10_000,
    // Prisma's adapter writes and reads times without their zone, so every session must be in UTC. Said by a statement,
    // because poolers refuse it in the parameters of the connection. To compile a statement takes longer than any of ours
    // runs, and Postgres would for those that are planned to read a part of a large log.
    onConnect: async (client) => {
      await client.query(`set time zone 'UTC'; set jit = off`);
    },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  // The same for one that is taken and breaks between two statements. Its next statement fails, and the pool drops it.
  pool.on('connect', (client) => client.on('error', () => {}));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    pool,
    prisma,
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

// Next loads this module once per bundle layer, so the pool hangs on globalThis: one per process.
const shared = globalThis as typeof globalThis & { rekeyDatabase?: Database };

/** This process's database. */
export function db(): Database {
  shared.rekeyDatabase ??= openDatabase(env().DATABASE_URL);
  return shared.rekeyDatabase;
}

/** Closes this process's database, where it was opened. */
export async function closeDb(): Promise<void> {
  await shared.rekeyDatabase?.close();
}

/**
 * Runs work on one connection of this process's database, in a transaction that is stored as a whole or not at all. Throws what
 * the work throws, also where the connection broke meanwhile.
 */
export async function inTransaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db().pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
