import type { PoolClient } from 'pg';
import type { AuditEvent } from '#core/audit/events.ts';
import { completeEvent } from '#core/audit/origin.ts';

/** Appends an event in the transaction of this connection. */
export async function recordWith(client: PoolClient, event: AuditEvent): Promise<void> {
  await client.query('select record_event($1::jsonb)', [JSON.stringify(completeEvent(event))]);
}
