import type { PoolClient } from 'pg';
import type { AuditEvent } from '#core/audit/events.ts';
import { completeEvent } from '#core/audit/origin.ts';
import { db } from '#lib/db.ts';

/** Runs work on one connection, in a transaction that is stored as a whole or not at all. */
export async function inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await db().pool.connect();
  let broken: Error | undefined;
  // A connection that breaks says so between statements too; unheard it would end the process.
  const note = (error: Error) => {
    broken = error;
  };
  client.on('error', note);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    await client.query('rollback').catch(note);
    throw error;
  } finally {
    client.off('error', note);
    client.release(broken);
  }
}

/** Appends an event in the transaction of this connection. */
export async function recordWith(client: PoolClient, event: AuditEvent): Promise<void> {
  await client.query('select record_event($1::jsonb)', [JSON.stringify(completeEvent(event))]);
}
