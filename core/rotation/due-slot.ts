import type { AuditActor } from '#core/audit/events.ts';
import type { SkipReason } from '#core/rotation/holds.ts';
import { closedAt, openingFrom, type Rules } from '#core/schedule/opening.ts';
import { dueOf, rulesOf, rulesOfRow } from '#core/schedule/rules.ts';
import { log } from '#lib/log.ts';

/** A slot whose time has come, with what decides whether it starts. */
export interface DueSlot {
  credential_id: string;
  slot: Date;
  policy: string;
  issuer_id: string;
  min_spacing_seconds: number;
  moved_by: string | null;
  /** Who chose this time, where somebody did. */
  chosen_by: AuditActor | null;
  grace_seconds: number;
  grace_after_use_seconds: number | null;
  paused: boolean;
  /** A rotation of the credential is open. */
  open: boolean;
  now: Date;
  next_slot: Date | null;
  next_due_at: Date | null;
  window: unknown;
  blackouts: unknown;
  jitter_seconds: number;
}

/** A slot that does not start. */
export interface Skipped {
  credentialId: string;
  slot: Date;
  reason: SkipReason;
}

/** A slot that starts later; it is the same slot. */
export interface Delayed {
  credentialId: string;
  until: Date;
  movedBy: string | null;
}

/** What becomes of slots that are due. Of those that are left nothing is known yet: they stay due. */
export interface Verdicts {
  starts: DueSlot[];
  skipped: { due: DueSlot; reason: SkipReason }[];
  delayed: Delayed[];
}

/** A slot that starts later than this after it was due was missed, because nothing ran then. */
const LATE_MS = 10 * 60_000;

const rulesOfDue = (due: DueSlot) => rulesOfRow({ ...due, jitterSeconds: due.jitter_seconds });

/** Why a slot starts at another time than its rhythm says; undefined where there is nothing to tell. */
export function whyThen(due: DueSlot): string | undefined {
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
  // A start in time has nothing to tell, whatever the rules are.
  if (now.getTime() - slot.getTime() <= LATE_MS) {
    return undefined;
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

/** Whether its issuer's last start has a say in when it starts. */
export const asksIssuer = ({ paused, min_spacing_seconds: seconds }: DueSlot) => !paused && seconds > 0;

/** The moment until which a slot waits so that starts at its issuer stay apart; null where it need not. */
function spacedUntil(due: DueSlot, last: Date | null): Date | null {
  if (last === null || !asksIssuer(due)) {
    return null;
  }
  const until = new Date(last.getTime() + due.min_spacing_seconds * 1000);
  return until > due.now ? until : null;
}

/**
 * Decides what becomes of slots that are due, in their order. A slot that was missed and whose policy is closed now waits for
 * the opening; one that never may start is skipped. Where starts at an issuer stay apart and one of the slots before it
 * starts there, a slot is left: whether that one is stored is not known yet.
 */
export function judge(dues: readonly DueSlot[], lastStart: ReadonlyMap<string, Date | null>): Verdicts {
  const verdicts: Verdicts = { starts: [], skipped: [], delayed: [] };
  const starting = new Set<string>();
  const delay = (due: DueSlot, until: Date, movedBy: string | null) =>
    verdicts.delayed.push({ credentialId: due.credential_id, until, movedBy });
  const skip = (due: DueSlot, reason: SkipReason) => verdicts.skipped.push({ due, reason });
  for (const due of dues) {
    const rules = readable(due);
    const closed = rules === null ? 'unplannable' : closedAt(due.now, rules);
    if (rules === null || closed !== null) {
      const until = rules === null ? null : openingFrom(due.now, rules);
      until === null ? skip(due, closed ?? 'unplannable') : delay(due, until, due.moved_by);
      continue;
    }
    if (asksIssuer(due) && starting.has(due.issuer_id)) {
      continue;
    }
    const spaced = spacedUntil(due, lastStart.get(due.issuer_id) ?? null);
    if (spaced !== null) {
      const until = openingFrom(spaced, rules);
      const overtaken = until === null || (due.next_due_at !== null && until >= due.next_due_at);
      overtaken ? skip(due, 'min_spacing') : delay(due, until, due.moved_by ?? 'min_spacing');
    } else if (due.paused) {
      skip(due, 'paused');
    } else if (due.open) {
      skip(due, 'previous_overlap_open');
    } else {
      verdicts.starts.push(due);
      starting.add(due.issuer_id);
    }
  }
  return verdicts;
}
