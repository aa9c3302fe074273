import { type AuditEvent, auditEventSchema } from '#core/audit/events.ts';
import type { Db } from '#lib/db.ts';

/** Appends one event in the transaction of the change it tells of: both are stored, or neither. */
export async function record(tx: Db, event: AuditEvent): Promise<void> {
  const body = JSON.stringify(auditEventSchema.parse(event));
  await tx.$executeRaw`select record_event(${body}::jsonb)`;
}
