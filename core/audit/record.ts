import type { AuditEvent } from '#core/audit/events.ts';
import { completeEvent } from '#core/audit/origin.ts';
import type { Db } from '#lib/db.ts';

/** Appends one event in the transaction of the change it tells of: both are stored, or neither. */
export async function record(tx: Db, event: AuditEvent): Promise<void> {
  const body = JSON.stringify(completeEvent(event));
  await tx.$executeRaw`select record_event(${body}::jsonb)`;
}
