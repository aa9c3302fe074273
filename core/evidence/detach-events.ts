import type { Pool } from 'pg';
import { signDetachment } from '#core/audit/detachment.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { auditKey } from '#core/audit/signing-key.ts';
import { checkArchive, writeArchive } from '#core/evidence/archive.ts';
import { listDetachments } from '#core/evidence/detachments.ts';
import { type Trail, verifyTrail } from '#core/evidence/verify-trail.ts';
import type { Database } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

/* Retention: events older than a month leave the database for an archive, and their leaves, roots and signatures stay. It
   is done with the owner's role, outside of any use case: the application's may not delete an event (docs/decisions/0031). */

const AT_ONCE = 5000;

/** What detaching would take away; null where there is nothing. Places are of the sealed order. */
export interface DetachPlan {
  readonly n: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly before: Date;
}

function monthOf(text: string): Date {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) {
    throw new Problem(400, 'usage', `--before takes a month, as 2026-01; "${text}" is none.`);
  }
  return new Date(`${text}-01T00:00:00.000Z`);
}

async function requirePast(pool: Pool, month: string, before: Date): Promise<void> {
  const { rows } = await pool.query<{ past: boolean }>('select $1::timestamptz <= rekey_now() as past', [
    before,
  ]);
  if (rows[0]?.past !== true) {
    throw new Problem(400, 'usage', `${month} has not begun: only months that have ended are detached.`);
  }
}

/** The place before the first event of the month, or the last sealed one. */
async function lastPlace(pool: Pool, firstSeq: number, before: Date): Promise<number> {
  const { rows } = await pool.query<{ last: string | null }>(
    `select coalesce(
       (select l.seq - 1 from audit_leaves l join audit_events e on e.id = l.event_id
         where l.seq >= $1 and e.at >= $2 order by l.seq limit 1),
       (select max(last_seq) from audit_batches)) as last`,
    [firstSeq, before],
  );
  return Number(rows[0]?.last ?? 0);
}

/**
 * Says which places would be detached: from the first that is left, up to the first event of the month. An event of an earlier
 * month that was sealed after that one stays until the next time. Throws a `Problem` for what is no month that has begun.
 */
export async function planDetachment({ pool }: Database, month: string): Promise<DetachPlan | null> {
  const before = monthOf(month);
  await requirePast(pool, month, before);
  const last = (await listDetachments(pool)).at(-1);
  const firstSeq = (last?.lastSeq ?? 0) + 1;
  const lastSeq = await lastPlace(pool, firstSeq, before);
  return lastSeq < firstSeq ? null : { n: (last?.n ?? 0) + 1, firstSeq, lastSeq, before };
}

/** What is taken away must be as it was sealed: detaching would make an older change look like a part of it. */
async function requireSound(pool: Pool, to: number): Promise<void> {
  const trail: Trail = { events: 0, detached: [], firstBad: null, newest: null };
  for await (const _ of verifyTrail(pool, { to }, trail));
  if (trail.firstBad !== null) {
    const message = `The audit log was altered: ${trail.firstBad.what}. Nothing was detached.`;
    throw new Problem(409, 'altered', message);
  }
}

/** What a collector was not sent yet would never reach it. */
async function requireStreamed(pool: Pool, to: number): Promise<void> {
  const names = env().REKEY_AUDIT_STREAM.map(({ name }) => name);
  const { rows } = await pool.query<{ name: string; seq: string }>(
    `select name, coalesce(s.seq, 0) as seq from unnest($1::text[]) name
       left join audit_streams s on s.collector = name where coalesce(s.seq, 0) < $2 limit 1`,
    [names, to],
  );
  const [behind] = rows;
  if (behind === undefined) return;
  const message = `${behind.name} was sent the audit log through place ${behind.seq} only, and this would take it away through place ${to}. Nothing was detached; wait until it has it, or take it out of REKEY_AUDIT_STREAM.`;
  throw new Problem(409, 'not_streamed', message);
}

/** What a webhook endpoint waits for would never reach it either. */
async function requireSent(pool: Pool, to: number): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select w.name from webhook_endpoints w
      where w.enabled and (w.position < $1 or exists (
        select from webhook_messages m where m.endpoint_id = w.id and m.next_at is not null and m.seq <= $1))
      order by w.name limit 1`,
    [to],
  );
  const [waiting] = rows;
  if (waiting === undefined) return;
  const message = `The webhook endpoint ${waiting.name} was not sent everything through place ${to} yet. Nothing was detached; wait until it was, or switch it off.`;
  throw new Problem(409, 'not_sent', message);
}

const detachedMeanwhile = () =>
  new Problem(
    409,
    'detached_meanwhile',
    'Somebody else detached events meanwhile. Nothing was changed here.',
  );

/** Stores who detached what, with its event, in one transaction. From then on these events may be deleted. */
async function store(
  db: Database,
  { n, firstSeq, lastSeq, before }: DetachPlan,
  { actor, by, archive }: { actor: AuditActor; by: string; archive: string },
): Promise<void> {
  const key = auditKey();
  await db.prisma.$transaction(async (tx) => {
    const [now] = await tx.$queryRaw<{ at: Date }[]>`select date_trunc('milliseconds', rekey_now()) as at`;
    if (now === undefined) throw new Error('The database did not tell the time.');
    const at = now.at.toISOString();
    const places = { firstSeq, lastSeq };
    const unsigned = { n, ...places, before: before.toISOString(), at, by, archive, keyId: key.id };
    const { signature } = signDetachment(unsigned, key);
    const stored = await tx.$executeRaw`
      insert into audit_detachments (n, first_seq, last_seq, before, at, by, archive, key_id, signature)
      values (${n}, ${firstSeq}, ${lastSeq}, ${before}, ${now.at}, ${by}, decode(${archive}, 'hex'), ${key.id},
              decode(${signature}, 'base64')) on conflict do nothing`;
    if (stored !== 1) throw detachedMeanwhile();
    await record(tx, {
      action: 'audit.detached',
      actor,
      ...places,
      before: unsigned.before,
      operator: by,
      archive,
    });
  });
}

/** Deletes the events of the last detachment that are still there, a few thousand in a transaction. Answers how many they were. */
export async function removeDetached({ pool }: Database): Promise<number> {
  const last = (await listDetachments(pool)).at(-1);
  let removed = 0;
  for (let from = last?.firstSeq ?? 1; from <= (last?.lastSeq ?? 0); from += AT_ONCE) {
    const to = Math.min(from + AT_ONCE - 1, last?.lastSeq ?? 0);
    const { rowCount } = await pool.query(
      'delete from audit_events e using audit_leaves l where l.event_id = e.id and l.seq between $1 and $2',
      [from, to],
    );
    removed += rowCount ?? 0;
  }
  return removed;
}

/**
 * Verifies the log up to the end of a plan, writes what it takes away to a new file and reads that again, stores the detachment with
 * its event, and deletes the events. Killed before it is stored, nothing is gone and the file is worth nothing; killed later, all is
 * in the archive, and `removeDetached` goes on. `db` is the owner's.
 */
export async function detachEvents(
  db: Database,
  plan: DetachPlan,
  { file, ...who }: { file: string; actor: AuditActor; by: string },
): Promise<{ archive: string; removed: number }> {
  const archive = await prepareArchive(db.pool, plan, file).catch(async (error) => {
    // What another owner took away meanwhile looks as if it had been deleted.
    const isTaken = (await listDetachments(db.pool)).some(({ n }) => n >= plan.n);
    throw isTaken ? detachedMeanwhile() : error;
  });
  await store(db, plan, { ...who, archive });
  return { archive, removed: await removeDetached(db) };
}

/** Verifies what a plan takes away, and writes and checks the archive. Answers its SHA-256 in hex. */
async function prepareArchive(pool: Pool, plan: DetachPlan, file: string): Promise<string> {
  await requireStreamed(pool, plan.lastSeq);
  await requireSent(pool, plan.lastSeq);
  await requireSound(pool, plan.lastSeq);
  const archive = await writeArchive(pool, file, { from: plan.firstSeq, to: plan.lastSeq });
  const { events, hash, fault } = await checkArchive(pool, file);
  if (fault !== null || hash !== archive || events !== plan.lastSeq - plan.firstSeq + 1) {
    throw new Error(
      `The archive ${file} does not read as it was written: ${fault ?? 'it was changed'}. Nothing was detached.`,
    );
  }
  return archive;
}
