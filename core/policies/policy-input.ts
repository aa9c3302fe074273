import { z } from 'zod';
import { rhythmInput } from '#core/policies/rhythm-input.ts';
import { nextSlot, type Rhythm, RhythmError } from '#core/schedule/next-slot.ts';
import { dueOf, type PolicyRules, rulesInput, windowSeconds } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import type { Database, Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const length = z
  .int()
  .min(3600, 'It is at least one hour.')
  .max(3650 * 24 * 60 * 60);

/** What a policy says, as people give it. */
export const policyInput = z.object({
  name: z.string().trim().min(1).max(100),
  rhythm: rhythmInput,
  graceSeconds: z
    .int()
    .min(0)
    .max(90 * 24 * 60 * 60),
  /** How many people beside the requester have to approve a rotation. */
  approvals: z.int().min(0).max(2).default(0),
  rules: rulesInput.default({ window: null, blackouts: [], jitterSeconds: 0 }),
  /** So far apart scheduled rotations start at one issuer; 0 for not. */
  minSpacingSeconds: z.int().min(0).max(86_400).default(0),
  /** A secret older than this is told of; null for never. */
  maxAgeSeconds: length.nullable().default(null),
  /** The next slot is brought forward to the greatest age. */
  ageBringsForward: z.boolean().default(false),
  /** A slot is due so long before a secret expires; null: expiry does not matter. */
  renewBeforeSeconds: length.nullable().default(null),
});

type PolicyWish = z.output<typeof policyInput>;

const nothing = 'Nothing was saved.';

const apartOf = ([first, second]: readonly [Date, Date]) => (second.getTime() - first.getTime()) / 1000;

/** So many slots are looked at for the shortest distance: two years of a rhythm that comes once a week. */
const LOOKED_AT = 100;

/** The two slots in a row that are the closest, which also proves that the rhythm can be read and does fire. */
function closestSlots(rhythm: Rhythm, now: Date): [Date, Date] {
  try {
    let [before, after] = [null as Date | null, nextSlot(rhythm, now, now)];
    let closest: [Date, Date] | null = null;
    for (let n = 0; after !== null && n < LOOKED_AT; n += 1) {
      [before, after] = [after, nextSlot(rhythm, after, now)];
      if (after !== null && (closest === null || apartOf([before, after]) < apartOf(closest))) {
        closest = [before, after];
      }
    }
    if (closest !== null) {
      return closest;
    }
  } catch (error) {
    if (!(error instanceof RhythmError)) {
      throw error;
    }
    throw new Problem(422, 'bad_schedule', `${error.message}. ${nothing}`);
  }
  throw new Problem(422, 'bad_schedule', `This schedule never comes due. ${nothing}`);
}

/** A window shorter than this is over before a rotation with a redeployment is. */
const LEAST_WINDOW_SECONDS = 15 * 60;

/** Which limit no slot can keep to, as a sentence; null where they go together with the rhythm. */
function limitCollision(wish: PolicyWish, apart: number): string | null {
  const { minSpacingSeconds: spacing, maxAgeSeconds: age, renewBeforeSeconds: before, graceSeconds } = wish;
  if (spacing >= apart) {
    return `Starts at one issuer would be kept ${spacing} s apart, but slots come only ${apart} s apart. Keep them less apart, or rotate less often.`;
  }
  if (age !== null && !wish.ageBringsForward && age < apart) {
    return `A secret may be ${age} s old, but the next slot comes after ${apart} s, so each would be too old. Let slots be brought forward, allow a greater age or rotate more often.`;
  }
  if (age !== null && age <= graceSeconds) {
    return `A secret may be ${age} s old, but the version before it is kept for ${graceSeconds} s. Shorten the grace period or allow a greater age.`;
  }
  return before !== null && before <= graceSeconds
    ? `A slot is due ${before} s before the secret expires, but both versions are to work for ${graceSeconds} s. Shorten the grace period or rotate earlier.`
    : null;
}

/** Which two rules collide, as a sentence; null where they go together. */
function collision(rules: PolicyRules, slots: readonly [Date, Date]): string | null {
  const [first, second] = slots;
  const apart = apartOf(slots);
  const open = windowSeconds(rules);
  const { jitterSeconds } = rules;
  if (open !== null && open < LEAST_WINDOW_SECONDS) {
    return `The window is open for ${open / 60} minutes, and a rotation may take longer. Leave at least ${LEAST_WINDOW_SECONDS / 60} minutes.`;
  }
  if (open !== null && jitterSeconds > open) {
    return `Credentials are spread over ${jitterSeconds} s, but the window is open for ${open} s only. Spread them less, or open it longer.`;
  }
  if (jitterSeconds >= apart) {
    return `Credentials are spread over ${jitterSeconds} s, but two slots are only ${apart} s apart. Spread them less, or rotate less often.`;
  }
  // Any credential stands for all: what no opening is found for lies more than a year ahead.
  const opening = dueOf(first, rules, '');
  if (opening === null) {
    return 'The window and the blackouts leave no time in which a rotation may start, for more than a year.';
  }
  return opening >= second && rules.window !== null && rules.blackouts.length === 0
    ? `The window opens so seldom that the first slot (${first.toISOString()}) would start only at ${opening.toISOString()}, after the second one. Open it on more days, or rotate less often.`
    : null;
}

/** People who can never be asked would hold every rotation for good. */
async function requireApprovers({ prisma }: Database, approvals: number): Promise<void> {
  const there = await prisma.user.count({
    where: { role: { in: ['approver', 'admin'] }, disabledAt: null },
  });
  if (there < approvals) {
    const sentence = `The policy wants ${approvals} approvals, and there ${there === 1 ? 'is one person' : `are ${there} people`} who may approve. Add approvers first. ${nothing}`;
    throw new Problem(422, 'too_few_approvers', sentence);
  }
}

/** Refuses, with a `Problem`, what cannot be kept to; nothing is saved. */
export async function checkPolicy(db: Database, wish: PolicyWish): Promise<void> {
  const { rhythm, graceSeconds, rules, approvals } = wish;
  const slots = closestSlots(rhythm, await databaseTime());
  if (apartOf(slots) <= graceSeconds) {
    throw new Problem(
      422,
      'overlap_too_long',
      `The old version would be kept for ${graceSeconds} s, but two slots are only ${apartOf(slots)} s apart. Shorten the grace period or rotate less often. ${nothing}`,
    );
  }
  const collided = collision(rules, slots) ?? limitCollision(wish, apartOf(slots));
  if (collided !== null) {
    throw new Problem(422, 'rules_collide', `${collided} ${nothing}`);
  }
  await requireApprovers(db, approvals);
}

/** Refuses a name that another policy has. */
export async function requireFreeName(tx: Db, name: string, id: string): Promise<void> {
  const other = await tx.policy.findUnique({ where: { name } });
  if (other !== null && other.id !== id) {
    const sentence =
      other.archivedAt === null
        ? `There is already a policy called ${name}.`
        : `An archived policy is called ${name}, and the audit names it so.`;
    throw new Problem(409, 'name_taken', `${sentence} ${nothing}`, {}, { name: sentence });
  }
}

/** The columns of a policy's row. A window that is null is left to the caller, because Prisma has a null of its own for JSON. */
export function columnsOf({ name, rhythm, rules, ...wish }: PolicyWish) {
  const fixed = 'intervalSeconds' in rhythm;
  return {
    name,
    intervalSeconds: fixed ? rhythm.intervalSeconds : null,
    cron: fixed ? null : rhythm.cron,
    timeZone: fixed ? 'UTC' : rhythm.timeZone,
    graceSeconds: wish.graceSeconds,
    blackouts: rules.blackouts,
    jitterSeconds: rules.jitterSeconds,
    approvals: wish.approvals,
    minSpacingSeconds: wish.minSpacingSeconds,
    maxAgeSeconds: wish.maxAgeSeconds,
    ageBringsForward: wish.ageBringsForward && wish.maxAgeSeconds !== null,
    renewBeforeSeconds: wish.renewBeforeSeconds,
  };
}
