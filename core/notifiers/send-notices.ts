import { ConnectorError } from '#connectors/contract.ts';
import { openNotifier } from '#core/outside/open-connector.ts';
import { type Db, db } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { log } from '#lib/log.ts';

/** At most one message in this time for each notifier: what comes together is told together. */
const SPACING_SECONDS = 60;
const ATTEMPTS = 13;

interface Due {
  id: string;
  kind: string;
  title: string;
  detail: string;
  path: string;
  created_at: Date;
}

type Notifier = NonNullable<Awaited<ReturnType<Db['notifier']['findUnique']>>>;

/** Takes a notifier that has something to send; another worker passes over it for as long as sending may last. */
async function takeNotifier(): Promise<string | null> {
  const { rows } = await db().pool.query<{ id: string }>(
    `update notifiers set next_at = rekey_now() + make_interval(secs => $1)
      where id = (select n.id from notifiers n
                   where n.next_at <= rekey_now()
                     and exists (select 1 from notifications t where t.notifier_id = n.id and t.next_at <= rekey_now())
                   order by n.next_at for update skip locked limit 1)
      returning id`,
    [SPACING_SECONDS],
  );
  return rows[0]?.id ?? null;
}

async function dueOf(notifierId: string): Promise<Due[]> {
  const { rows } = await db().pool.query<Due>(
    `select id, kind, title, detail, path, created_at from notifications
      where notifier_id = $1 and next_at <= rekey_now() order by created_at, id limit 500`,
    [notifierId],
  );
  return rows;
}

/**
 * A notice is given up after thirteen tries over about a day, and at once where trying again changes nothing. A failure with
 * settings that were changed meanwhile says nothing of the new ones: what waits is tried with these.
 */
async function noteFailure(used: Notifier, ids: readonly string[], error: ConnectorError): Promise<void> {
  const { retry, retryAfterSeconds = 0, message } = error;
  const { pool } = db();
  const { rowCount } = await pool.query(
    `update notifiers set error = $2 where id = $1 and config = $3::jsonb and sealed is not distinct from $4`,
    [used.id, message, JSON.stringify(used.config), used.sealed],
  );
  if (rowCount === 0) {
    return;
  }
  await pool.query(
    `update notifications
        set attempts = attempts + 1,
            next_at = case when $2 or attempts + 1 >= $3 then null
                      else rekey_now() + make_interval(secs => greatest($4, 60 * power(2, least(attempts, 8)))) end
      where id = any($1)`,
    [ids, retry === 'never', ATTEMPTS, retryAfterSeconds],
  );
}

/** One notifier that cannot even be opened must not keep the others from being told, nor look well. */
function unforeseen(error: unknown, name: string): ConnectorError {
  log.error({ err: error, notifier: name }, 'a notifier could not be asked');
  const sentence = `${name} could not be asked, for a reason that Rekey did not foresee. The worker’s log has it; what is to be sent is tried again.`;
  return new ConnectorError(sentence, 'later');
}

async function send(notifierId: string): Promise<void> {
  const { pool, prisma } = db();
  const row = await prisma.notifier.findUnique({ where: { id: notifierId } });
  const due = await dueOf(notifierId);
  if (row === null || due.length === 0) {
    return;
  }
  const ids = due.map(({ id }) => id);
  const notices = due.map(({ path, created_at: at, ...notice }) => ({
    ...notice,
    at,
    url: new URL(path, env().REKEY_URL).href,
  }));
  try {
    await openNotifier(row).ask((connector, call) => connector.send(call, notices));
  } catch (error) {
    await noteFailure(row, ids, error instanceof ConnectorError ? error : unforeseen(error, row.name));
    return;
  }
  await pool.query('update notifications set sent_at = rekey_now(), next_at = null where id = any($1)', [
    ids,
  ]);
  await pool.query('update notifiers set sent_at = rekey_now(), error = null where id = $1', [notifierId]);
}

/**
 * Sends what is due, one message for each notifier, until nothing is due or `isOver`. A worker that dies after sending and
 * before it is stored sends again: told twice is better than never.
 */
export async function sendNotices(isOver = () => false): Promise<void> {
  while (!isOver()) {
    const id = await takeNotifier();
    if (id === null) {
      return;
    }
    await send(id);
  }
}
