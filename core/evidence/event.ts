import { z } from 'zod';
import { cursorOf } from '#core/evidence/cursor.ts';
import type { EventRow } from '#core/evidence/find-events.ts';

const bodySchema = z.record(z.string(), z.unknown());

/** An event as doors get it. */
export function eventOf(row: EventRow) {
  return {
    id: row.id,
    cursor: cursorOf(row),
    at: row.at.toISOString(),
    action: row.action,
    outcome: row.outcome,
    actor: row.actor_name,
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    credentialId: row.credential_id,
    rotationId: row.rotation_id,
    requestId: row.request_id,
    body: bodySchema.parse(JSON.parse(row.body)),
    /** SHA-256 of a zero byte and the body's text. */
    leaf: row.leaf.toString('hex'),
  };
}
