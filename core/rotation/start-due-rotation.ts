import type { PoolClient } from 'pg';
import {
  asksIssuer,
  type Delayed,
  type DueSlot,
  judge,
  type Skipped,
  whyThen,
} from '#core/rotation/due-slot.ts';
import { insertRotations } from '#core/rotation/insert-rotation.ts';
import { makePlans } from '#core/rotation/plan.ts';
import { db, inTransaction } from '#lib/db.ts';
import { log } from '#lib/log.ts';
import { newId } from '#lib/new-id.ts';

const DUE = `
    from policy_assignments a
    join policies p on p.id = a.policy_id
    join credentials c on c.id = a.credential_id
    join issuers i on i.id = c.issuer_id
   where a.due_at <= rekey_now() and p.enabled and p.archived_at is null and c.archived_at is null`;

// In the order of the index policy_assignments_due, so that a claim reads as many entries as it takes.
const ORDER = 'order by a.due_at, a.slot, a.credential_id limit $1';

// Locked until their rotations and skips are stored; other workers pass over them, and over a credential that is being archived,
// whose slot goes with it. What is_paused() says, without a call
// for each row.
const claim = (ofOne: boolean) => `
  select a.credential_id, a.slot, a.next_slot, a.next_due_at, p.window, p.blackouts, p.jitter_seconds,
         p.name as policy, p.grace_seconds, p.grace_after_use_seconds, p.min_spacing_seconds, a.moved_by,
         case when a.moved_by = 'hand' then a.chosen_by end as chosen_by, c.issuer_id, rekey_now() as now,
         c.paused_at is not null or i.paused_at is not null or exists (select 1 from standstill) as paused,
         exists (select 1 from rotations r where r.credential_id = c.id and r.outcome is null) as open
  ${DUE} ${ofOne ? 'and a.credential_id = $2::uuid' : ''} ${ORDER} for update of a skip locked for key share of c skip locked`;

const CLAIM = { many: claim(false), one: claim(true) };

/**
 * When a policy last started something at the issuers of these slots, where one of them has to stay apart from that. Then they are
 * all locked, always in the same order: of two workers the second one sees what the first one starts. Otherwise none is, and workers
 * that start at the same issuer wait for each other no longer than a start is noted.
 */
async function lockIssuers(client: PoolClient, dues: readonly DueSlot[]): Promise<Map<string, Date | null>> {
  if (!dues.some(asksIssuer)) {
    return new Map();
  }
  const ids = [...new Set(dues.filter(({ paused }) => !paused).map((due) => due.issuer_id))];
  const { rows } = await client.query<{ id: string; last: Date | null }>(
    `select id, scheduled_start_at as last from issuers where id = any($1::uuid[]) order by id for no key update`,
    [ids],
  );
  return new Map(rows.map(({ id, last }) => [id, last]));
}

interface Started {
  due: DueSlot;
  rotationId: string;
}

/** Stores the rotations of slots that start; the others are skips. */
async function start(
  client: PoolClient,
  dues: readonly DueSlot[],
): Promise<{ started: Started[]; skipped: { due: DueSlot; reason: Skipped['reason'] }[] }> {
  const actorOf = (due: DueSlot) => ({ kind: 'system' as const, id: null, name: `policy ${due.policy}` });
  // One credential that cannot be planned, for example because a key is missing, must not keep the others waiting.
  const plans = await makePlans(
    client,
    dues.map((due) => ({
      credentialId: due.credential_id,
      graceSeconds: due.grace_seconds,
      graceAfterUseSeconds: due.grace_after_use_seconds,
      requester: actorOf(due).name,
    })),
  );
  const planned = dues.flatMap((due) => {
    const plan = plans.get(due.credential_id);
    if (plan === undefined || plan instanceof Error) {
      log.error({ err: plan, credentialId: due.credential_id }, 'a due rotation could not be planned');
      return [];
    }
    return [{ due, plan, id: newId() }];
  });
  const rotations = planned.map(({ due, plan, id }) => {
    const [priority, reason] = ['scheduled' as const, whyThen(due)];
    const [slot, chosenBy] = [due.slot, due.chosen_by ?? undefined];
    return { id, plan, actor: actorOf(due), priority, slot, chosenBy, reason };
  });
  const run = async (text: string, values: readonly unknown[]) =>
    (await client.query(text, [...values])).rows;
  const stored = rotations.length === 0 ? new Set<string>() : await insertRotations(run, rotations);
  const made = new Map(planned.map(({ due, id }) => [due, id]));
  const started: Started[] = [];
  const skipped: { due: DueSlot; reason: Skipped['reason'] }[] = [];
  for (const due of dues) {
    const rotationId = made.get(due);
    if (rotationId !== undefined && stored.has(rotationId)) {
      started.push({ due, rotationId });
    } else {
      skipped.push({ due, reason: rotationId === undefined ? 'unplannable' : 'previous_overlap_open' });
    }
  }
  return { started, skipped };
}

async function storeSkips(client: PoolClient, skips: readonly Skipped[]): Promise<void> {
  await client.query(
    `insert into skips (credential_id, slot, reason)
     select * from unnest($1::uuid[], $2::timestamptz[], $3::text[]) on conflict do nothing`,
    [
      skips.map(({ credentialId }) => credentialId),
      skips.map(({ slot }) => slot),
      skips.map(({ reason }) => reason),
    ],
  );
}

/** Moves the starts of slots that wait. */
async function delay(client: PoolClient, delayed: readonly Delayed[]): Promise<void> {
  await client.query(
    `update policy_assignments a set due_at = d.until, moved_by = d.moved_by
       from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as d(credential_id, until, moved_by)
      where a.credential_id = d.credential_id`,
    [
      delayed.map(({ credentialId }) => credentialId),
      delayed.map(({ until }) => until),
      delayed.map(({ movedBy }) => movedBy),
    ],
  );
}

/** Puts the next slots into the place of those that were started or skipped. */
async function moveOn(client: PoolClient, used: readonly DueSlot[]): Promise<void> {
  await client.query(
    `update policy_assignments
        set slot = case when next_due_at > rekey_now() then next_slot end,
            due_at = case when next_due_at > rekey_now() then next_due_at end,
            next_slot = null, next_due_at = null, moved_by = null
      where credential_id = any($1::uuid[])`,
    [used.map((due) => due.credential_id)],
  );
}

/** The slot behind a used one whose time has passed too: of those that nobody came to, only the first is made up for. */
function missedBehind(due: DueSlot): Skipped[] {
  const { credential_id: credentialId, next_slot: slot, next_due_at: nextDueAt, now } = due;
  return slot === null || nextDueAt === null || nextDueAt > now
    ? []
    : [{ credentialId, slot, reason: 'window_missed' }];
}

async function workOn(client: PoolClient, dues: readonly DueSlot[]): Promise<Started[]> {
  const verdicts = judge(dues, await lockIssuers(client, dues));
  const { started, skipped: notStarted } =
    verdicts.starts.length === 0 ? { started: [], skipped: [] } : await start(client, verdicts.starts);
  const skipped = [...verdicts.skipped, ...notStarted];
  const used = [...skipped, ...started].map(({ due }) => due);
  const skips = [
    ...skipped.map(({ due, reason }) => ({ credentialId: due.credential_id, slot: due.slot, reason })),
    ...used.flatMap(missedBehind),
  ];
  if (skips.length > 0) {
    await storeSkips(client, skips);
  }
  if (verdicts.delayed.length > 0) {
    await delay(client, verdicts.delayed);
  }
  if (used.length > 0) {
    await moveOn(client, used);
  }
  if (started.length > 0) {
    await client.query(NOTE_STARTS, [[...new Set(started.map(({ due }) => due.issuer_id))]]);
  }
  return started;
}

// In the order in which they are locked above, so that no two workers wait for each other.
const NOTE_STARTS = `
  with mine as materialized (select id from issuers where id = any($1::uuid[]) order by id for no key update)
  update issuers i set scheduled_start_at = rekey_now() from mine where i.id = mine.id`;

/** How many slots were claimed, and the rotations that were started for them. */
interface Batch {
  claimed: number;
  started: string[];
}

async function startBatch(limit: number, credentialId?: string): Promise<Batch> {
  return inTransaction(async (client) => {
    const { rows } = await (credentialId === undefined
      ? client.query<DueSlot>({ name: 'claim_due', text: CLAIM.many, values: [limit] })
      : client.query<DueSlot>(CLAIM.one, [limit, credentialId]));
    const started = rows.length === 0 ? [] : await workOn(client, rows);
    return { claimed: rows.length, started: started.map(({ rotationId }) => rotationId) };
  });
}

/**
 * Starts the slot that has been due longest, or that of one credential, exactly once: the slot is used up in the same
 * transaction, and unique(credential, slot) stands behind it. Of slots that passed while nothing ran the first is made up for, once, within
 * the policy's window; the next one lies in the future. Answers the rotation to ring for, null for a slot that was skipped or waits, undefined when none is due.
 */
export async function startDueRotation(credentialId?: string): Promise<string | null | undefined> {
  const { claimed, started } = await startBatch(1, credentialId);
  return claimed === 0 ? undefined : (started[0] ?? null);
}

/** One after the other, so that only what fails by itself is kept back. It is tried again in a minute. */
async function startOneByOne(limit: number): Promise<Batch> {
  const { rows } = await db().pool.query<{ id: string }>(`select a.credential_id as id ${DUE} ${ORDER}`, [
    limit,
  ]);
  const started: string[] = [];
  for (const { id } of rows) {
    try {
      started.push((await startDueRotation(id)) ?? '');
    } catch (error) {
      log.error(
        { err: error, credentialId: id },
        'a due slot could not be started and is put off by a minute',
      );
      await db().pool.query(
        `update policy_assignments set due_at = rekey_now() + interval '1 minute'
          where credential_id = $1 and due_at <= rekey_now()`,
        [id],
      );
    }
  }
  return { claimed: rows.length, started: started.filter((id) => id !== '') };
}

/**
 * Starts up to `limit` slots that are due, those that have waited longest first, as `startDueRotation` does, in one
 * transaction. Where that fails they are started one by one, so that none keeps the others waiting. Answers the
 * rotations to ring for, and whether more may be due.
 */
export async function startDueRotations(limit: number): Promise<{ started: string[]; more: boolean }> {
  const { claimed, started } = await startBatch(limit).catch((error) => {
    log.warn({ err: error }, 'slots that are due could not be started together and are started one by one');
    return startOneByOne(limit);
  });
  return { started, more: claimed === limit };
}
