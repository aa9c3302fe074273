import { leafHash } from '#core/audit/merkle.ts';

/** A sealed place, with the event that should be there. Texts as the database prints them; null where a row is missing. */
export type SealedRow = readonly [
  seq: string,
  eventId: string,
  /** Of the sealed leaf, in hex. */
  leaf: string,
  body: string | null,
  /** Whether the event's own leaf is the sealed one. */
  isSameLeaf: boolean | null,
  at: string | null,
  action: string,
  outcome: string,
  actorKind: string,
  actorId: string | null,
  actorName: string,
  credentialId: string | null,
  rotationId: string | null,
  requestId: string | null,
];

export const SEALED_ROWS = `
  select l.seq, l.event_id, encode(l.leaf, 'hex'), e.body, e.leaf = l.leaf,
         to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), e.action, e.outcome, e.actor_kind,
         e.actor_id, e.actor_name, e.credential_id, e.rotation_id, e.request_id
    from audit_leaves l left join audit_events e on e.id = l.event_id
   where l.seq between $1 and $2 order by l.seq`;

interface Body {
  at?: unknown;
  action?: unknown;
  outcome?: unknown;
  actor?: { kind?: unknown; id?: unknown; name?: unknown };
  credentialId?: unknown;
  rotationId?: unknown;
  requestId?: unknown;
}

/** The first column that says something else than the body, or null. */
function alteredColumn(text: string, row: SealedRow): string | null {
  const [, , , , , at, action, outcome, kind, id, name, credentialId, rotationId, requestId] = row;
  const body = JSON.parse(text) as Body;
  if (body.at !== at) return 'at';
  if (body.action !== action) return 'action';
  if (body.outcome !== outcome) return 'outcome';
  if (body.actor?.kind !== kind) return 'actor_kind';
  if ((body.actor?.id ?? null) !== id) return 'actor_id';
  if (body.actor?.name !== name) return 'actor_name';
  if ((body.credentialId ?? null) !== credentialId) return 'credential_id';
  if ((body.rotationId ?? null) !== rotationId) return 'rotation_id';
  if ((body.requestId ?? null) !== requestId) return 'request_id';
  return null;
}

/** The leaf made anew from the body, or what is wrong with this row by itself. */
export function recompute(row: SealedRow): { leaf: Buffer } | { what: string } {
  const [, eventId, sealed, body, isSameLeaf] = row;
  if (body === null) return { what: `event ${eventId} was deleted` };
  const leaf = leafHash(body);
  if (leaf.toString('hex') !== sealed) {
    return {
      what: isSameLeaf
        ? `the body of event ${eventId} was altered`
        : `event ${eventId} is not the one that was sealed: its body or its leaf was altered`,
    };
  }
  if (isSameLeaf !== true) return { what: `the leaf of event ${eventId} was altered` };
  try {
    const column = alteredColumn(body, row);
    if (column === null) return { leaf };
    return { what: `the column ${column} of event ${eventId} says something else than its body` };
  } catch {
    return { what: `the body of event ${eventId} is no event` };
  }
}

/** The same where the event may have been detached: what is gone is its sealed leaf, and what is left is recomputed. */
export function recomputeOrTake(row: SealedRow): { leaf: Buffer } | { what: string } {
  const [, , sealed, body] = row;
  return body === null ? { leaf: Buffer.from(sealed, 'hex') } : recompute(row);
}
