import { nextSlot, type Rhythm } from '#core/schedule/next-slot.ts';
import { dueOf, type PolicyRules } from '#core/schedule/rules.ts';
import { DAY } from '#core/schedule/wall-clock.ts';

/** An assignment as far as its slots go: what is stored, and what follows from its policy. */
export interface Scheduled {
  credentialId: string;
  slot: Date | null;
  dueAt: Date | null;
  /** What follows, where it is stored: after a slot that was moved, only that still knows which one it took the place of. */
  next: { slot: Date; dueAt: Date } | null;
  rhythm: Rhythm;
  rules: PolicyRules;
}

export interface UpcomingSlot {
  slot: Date;
  at: Date;
  /** It is stored, and not only expected to follow. */
  isSet: boolean;
}

/** The earliest slot that may start at `from` or later lies after this. */
function searchFrom(from: Date, { window, blackouts, jitterSeconds }: PolicyRules): Date {
  // A slot waits for its share of the spread, then for an opening, and then for its share of that.
  const spread = jitterSeconds * 1000;
  const before = spread + (window === null ? 0 : 8 * DAY);
  let early = from.getTime() - spread - before;
  for (const { from: begin, to: end } of blackouts.toSorted((a, b) => Date.parse(b.to) - Date.parse(a.to))) {
    if (Date.parse(end) >= early) {
      early = Math.min(early, Date.parse(begin) - before);
    }
  }
  return new Date(early - 1);
}

/**
 * The slots of a credential that start between two moments, at most `most`: what is stored and what follows from
 * the rhythm if the policy stays as it is. A slot that would start no later than the one before it is one run with it, as in the sweep.
 */
export function upcomingSlots(one: Scheduled, from: Date, to: Date, most: number): UpcomingSlot[] {
  const { credentialId, slot, dueAt, next, rhythm, rules } = one;
  if (slot === null || dueAt === null) {
    return [];
  }
  const found: UpcomingSlot[] = [{ slot, at: dueAt, isSet: true }];
  let before = dueAt;
  const follow = (later: Date, at: Date | null) => {
    if (at !== null && at > before) {
      found.push({ slot: later, at, isSet: false });
      before = at;
    }
  };
  if (next !== null) {
    follow(next.slot, next.dueAt);
  }
  const start = searchFrom(from, rules);
  const stored = next?.slot ?? slot;
  let last: Date | null = start > stored ? start : stored;
  // Rounds are counted as well, for slots that a closed window makes one run.
  for (let round = 0; round < most * 10 && found.length <= most; round += 1) {
    last = nextSlot(rhythm, last, slot);
    if (last === null || last >= to) {
      break;
    }
    follow(last, dueOf(last, rules, credentialId));
  }
  return found.filter(({ at }) => at >= from && at < to).slice(0, most);
}
