import pg from 'pg';
import { inject } from 'vitest';

/** Does something to this file's database as its owner, for which the application has no right. */
export async function asOwner(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const url = new URL(inject('postgresUrl'));
  url.pathname = new URL(process.env.DATABASE_URL ?? '').pathname;
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
