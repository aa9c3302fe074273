import type { SkipReason } from '#core/rotation/holds.ts';
import { insertRotation } from '#core/rotation/insert-rotation.ts';
import { makePlan } from '#core/rotation/plan.ts';
import { closedAt, openingFrom, type Rules } from '#core/schedule/opening.ts';
import { dueOf, rulesOf, rulesOfRow } from '#core/schedule/rules.ts';
import { type Db, db } from '#lib/db.ts';
import { log } from '#lib/log.ts';
import { newId } from '#lib/new-id.ts';

interface DueSlot {
  credential_id: string;
  slot: Date;
  policy: string;
  issuer_id: string;
  min_spacing_seconds: number;
  moved_by: string | null;
  grace_seconds: number;
  paused: boolean;
  now: Date;
  next_slot: Date | null;
  next_due_at: Date | null;
  window: unknown;
  blackouts: unknown;
  jitter_seconds: number;
}

// One assignment at a time, locked until its rotation or skip is stored; other workers pass over it.
const CLAIM = `
  select a.credential_id, a.slot, a.next_slot, a.next_due_at, p.window, p.blackouts, p.jitter_seconds,
         p.name as policy, p.grace_seconds, p.min_spacing_seconds, a.moved_by, c.issuer_id, rekey_now() as now,
         is_paused(c.id) is not null as paused
    from policy_assignments a
    join policies p on p.id = a.policy_id
    join credentials c on c.id = a.credential_id
   where a.due_at <= rekey_now() and p.enabled and p.archived_at is null and c.archived_at is null
   order by a.due_at, a.slot, a.credential_id limit 1 for update of a skip locked`;

async function skip(tx: Db, due: DueSlot, reason: SkipReason): Promise<null> {
  await tx.$executeRaw`
    insert into skips (credential_id, slot, reason) values (${due.credential_id}::uuid, ${due.slot}, ${reason})
    on conflict do nothing`;
  return null;
}

/** A slot that starts later than this after it was due was missed, because nothing ran then. */
const LATE_MS = 10 * 60_000;

const rulesOfDue = (due: DueSlot) => rulesOfRow({ ...due, jitterSeconds: due.jitter_seconds });

/** Why a slot starts at another time than its rhythm says; undefined where there is nothing to tell. */
function whyThen(due: DueSlot): string | undefined {
  const { slot, now, credential_id: credentialId } = due;
  switch (due.moved_by) {
    case 'expiry':
      return 'renew_before: its policy rotates before a secret expires, and this one expires soon.';
    case 'age':
      return 'max_age: its secret has come to the age that its policy allows.';
    case 'hand':
      return 'A person chose this time.';
    case 'min_spacing':
      return `min_spacing: the slot of ${slot.toISOString()} waited for other rotations at its issuer.`;
  }
  // By when it was due at first: a closed window has moved that since.
  const first = dueOf(slot, rulesOfDue(due), credentialId) ?? slot;
  return now.getTime() - first.getTime() <= LATE_MS
    ? undefined
    : `window_missed: the slot of ${slot.toISOString()} was due at ${first.toISOString()}, when no worker came to it. It is made up for once.`;
}

/** Rules that cannot be read any more must not keep other policies waiting. */
function readable(due: DueSlot): Rules | null {
  try {
    return rulesOf(rulesOfDue(due));
  } catch (error) {
    log.error({ err: error, policy: due.policy }, 'the rules of a policy cannot be read');
    return null;
  }
}

/**
 * When a slot that was missed may start although its policy is closed now; null where it may start now. A slot that
 * never may is skipped.
 */
function putOff(due: DueSlot): { until: Date | null; reason: SkipReason } | null {
  const rules = readable(due);
  if (rules === null) {
    return { until: null, reason: 'unplannable' };
  }
  const reason = closedAt(due.now, rules);
  return reason === null ? null : { until: openingFrom(due.now, rules), reason };
}

/**
 * Until when the slot waits, so that starts at its issuer stay apart; null where it need not. The issuer is locked, so that
 * of two workers the second one sees what the first one starts.
 */
async function spacedUntil(tx: Db, due: DueSlot): Promise<Date | null> {
  const [issuer] = await tx.$queryRaw<{ last: Date | null }[]>`
    select scheduled_start_at as last from issuers where id = ${due.issuer_id}::uuid for no key update`;
  const last = issuer?.last ?? null;
  const until = last === null ? null : new Date(last.getTime() + due.min_spacing_seconds * 1000);
  return until !== null && until > due.now ? until : null;
}

/** Moves the start of a slot; it is the same slot. */
async function delay(tx: Db, due: DueSlot, until: Date, movedBy: string | null): Promise<null> {
  await tx.$executeRaw`
    update policy_assignments set due_at = ${until}, moved_by = ${movedBy}
     where credential_id = ${due.credential_id}::uuid`;
  return null;
}

async function start(tx: Db, due: DueSlot): Promise<string | null> {
  if (due.paused) {
    return skip(tx, due, 'paused');
  }
  const actor = { kind: 'system' as const, id: null, name: `policy ${due.policy}` };
  const { credential_id: credentialId, grace_seconds: graceSeconds, slot } = due;
  // One credential that cannot be planned, for example because a key is missing, must not keep the others waiting.
  const planned = await makePlan(db(), { credentialId, graceSeconds, requester: actor.name }).catch(
    (error) => {
      log.error({ err: error, credentialId }, 'a due rotation could not be planned');
      return null;
    },
  );
  if (planned === null) {
    return skip(tx, due, 'unplannable');
  }
  const id = newId();
  const reason = whyThen(due);
  const run = (text: string, values: readonly unknown[]) => tx.$queryRawUnsafe<unknown[]>(text, ...values);
  const stored = await insertRotation(run, { id, plan: planned, actor, priority: 'scheduled', slot, reason });
  if (!stored) {
    return skip(tx, due, 'previous_overlap_open');
  }
  await tx.$executeRaw`
    update issuers set scheduled_start_at = ${due.now} where id = ${due.issuer_id}::uuid`;
  return id;
}

/** Starts the slot or skips it; undefined where it waits and is the assignment's slot still. */
async function startOrSkip(tx: Db, due: DueSlot): Promise<string | null | undefined> {
  const closed = putOff(due);
  if (closed !== null) {
    return closed.until === null
      ? skip(tx, due, closed.reason)
      : void (await delay(tx, due, closed.until, due.moved_by));
  }
  const spaced = due.paused ? null : await spacedUntil(tx, due);
  if (spaced === null) {
    return start(tx, due);
  }
  const until = openingFrom(spaced, rulesOf(rulesOfDue(due)));
  return until === null || (due.next_due_at !== null && until >= due.next_due_at)
    ? skip(tx, due, 'min_spacing')
    : void (await delay(tx, due, until, due.moved_by ?? 'min_spacing'));
}

/**
 * Starts the rotation of one slot that is due, exactly once: the slot is used up in the same transaction, and
 * unique(credential, slot) stands behind it. Of slots that passed while nothing ran the first is made up for, once, within
 * the policy's window; the next one lies in the future. Answers the rotation to ring for, null for a slot that was skipped, undefined when none is due.
 */
export async function startDueRotation(): Promise<string | null | undefined> {
  return db().prisma.$transaction(async (tx) => {
    const [due] = await tx.$queryRawUnsafe<DueSlot[]>(CLAIM);
    if (due === undefined) {
      return undefined;
    }
    const rotationId = await startOrSkip(tx, due);
    if (rotationId === undefined) {
      return null;
    }
    if (due.next_slot !== null && due.next_due_at !== null && due.next_due_at <= due.now) {
      await skip(tx, { ...due, slot: due.next_slot }, 'window_missed');
    }
    await tx.$executeRaw`
      update policy_assignments
         set slot = case when next_due_at > rekey_now() then next_slot end,
             due_at = case when next_due_at > rekey_now() then next_due_at end,
             next_slot = null, next_due_at = null, moved_by = null
       where credential_id = ${due.credential_id}::uuid`;
    return rotationId;
  });
}
