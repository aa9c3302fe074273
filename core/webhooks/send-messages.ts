import { noteFailure } from '#core/webhooks/note-failure.ts';
import { type Attempt, type Message, postMessage } from '#core/webhooks/post-message.ts';
import { db } from '#lib/db.ts';
import { log } from '#lib/log.ts';

/** A turn begins no attempt after ten seconds, and an attempt takes ten at most; a worker that died keeps an endpoint for 30. */
const TURN_MS = 10_000;
const TAKEN_SECONDS = 30;

/** Takes the endpoint that has something to send and waited longest; none is taken twice. Null where there is none. */
export async function takeEndpoint(): Promise<string | null> {
  const { rows } = await db().pool.query<{ id: string }>(
    `update webhook_endpoints set taken_until = rekey_now() + make_interval(secs => $1)
      where id = (select w.id from webhook_endpoints w
                   where w.enabled and w.next_at <= rekey_now()
                     and (w.taken_until is null or w.taken_until <= rekey_now())
                     and exists (select from webhook_messages m
                                  where m.endpoint_id = w.id and m.next_at <= rekey_now())
                   order by w.taken_until nulls first for update skip locked limit 1)
      returning id`,
    [TAKEN_SECONDS],
  );
  return rows[0]?.id ?? null;
}

interface Due {
  id: string;
  webhook_id: string;
  seq: string;
  attempts: number;
  /** Null where the event was detached from the audit log. */
  body: string | null;
  name: string;
  url: string;
}

/** The endpoint is read with each message, so that what was changed or switched off meanwhile counts. */
async function nextDue(endpointId: string): Promise<Due | null> {
  const { rows } = await db().pool.query<Due>(
    `select m.id, m.webhook_id, m.seq, m.attempts, e.body, w.name, w.url
       from webhook_messages m join webhook_endpoints w on w.id = m.endpoint_id
       left join audit_events e on e.id = m.event_id
      where m.endpoint_id = $1 and w.enabled and w.next_at <= rekey_now() and m.next_at <= rekey_now()
      order by m.next_at, m.seq limit 1`,
    [endpointId],
  );
  return rows[0] ?? null;
}

/**
 * An event as it is sent: with its place in the sealed log, by which a receiver can put events in order, and without the
 * address of the person's browser.
 */
function messageOf({ webhook_id: id, seq }: Due, body: string): Message {
  const { action, at, address: _address, ...rest } = JSON.parse(body) as Record<string, unknown>;
  return { id, type: String(action), timestamp: String(at), data: { seq: Number(seq), ...rest } };
}

/** What cannot even be tried must keep no other message from being sent, nor be tried in a loop. */
function unforeseen(error: unknown, name: string): Attempt {
  log.error({ err: error, endpoint: name }, 'a webhook endpoint could not be sent to');
  const sentence = `Nothing could be sent to ${name}, for a reason that Rekey did not foresee. The worker’s log has it; it is tried again.`;
  return { ok: false, status: null, error: sentence, retryAfterSeconds: 0 };
}

async function noteSent(endpointId: string, { id, attempts }: Due, status: number): Promise<void> {
  await db().pool.query(
    `with sent as (
       update webhook_messages
          set attempts = attempts + 1, attempted_at = rekey_now(), sent_at = rekey_now(), next_at = null,
              status = $4, error = null
        where id = $2 and attempts = $3)
     update webhook_endpoints set sent_at = rekey_now(), failures = 0, failing_since = null, error = null
      where id = $1`,
    [endpointId, id, attempts, status],
  );
}

/** Ends a message whose event is in the log no more, so that it keeps no other from being sent. */
async function giveUp({ id }: Due): Promise<void> {
  await db().pool.query('update webhook_messages set next_at = null, error = $2 where id = $1', [
    id,
    'The event was detached from the audit log, so there is nothing to send any more.',
  ]);
}

/**
 * Sends what is due to an endpoint that was taken, one after another, for about ten seconds, until it rests or nothing is left.
 * A worker that dies between sending and storing that it was sent leaves the message to be sent again, with the same id.
 */
export async function sendMessages(endpointId: string, signal: AbortSignal): Promise<void> {
  const { pool } = db();
  const ends = performance.now() + TURN_MS;
  for (
    let due = await nextDue(endpointId);
    due !== null && !signal.aborted;
    due = performance.now() < ends ? await nextDue(endpointId) : null
  ) {
    const { name, url, body } = due;
    if (body === null) {
      await giveUp(due);
      continue;
    }
    const attempt = await postMessage({ id: endpointId, url }, messageOf(due, body), signal).catch((error) =>
      unforeseen(error, name),
    );
    if (attempt.ok) {
      await noteSent(endpointId, due, attempt.status);
    } else if (!signal.aborted) {
      await noteFailure(endpointId, due, attempt);
    }
  }
  await pool.query('update webhook_endpoints set taken_until = rekey_now() where id = $1', [endpointId]);
}
