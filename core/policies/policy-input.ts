import { z } from 'zod';
import type { Context } from '#core/access/use-case.ts';
import { levels } from '#core/outside/levels.ts';
import { retryLimits } from '#core/outside/retry-limits.ts';
import { requireNeedsProvable } from '#core/policies/provable-needs.ts';
import { requireApprovers } from '#core/policies/require-approvers.ts';
import { rhythmInput } from '#core/policies/rhythm-input.ts';
import { nextSlot, type Rhythm, RhythmError } from '#core/schedule/next-slot.ts';
import { dueOf, type PolicyRules, rulesInput, windowSeconds } from '#core/schedule/rules.ts';
import { databaseTime } from '#lib/clock.ts';
import type { Database, Db } from '#lib/db.ts';
import { sayDuration } from '#lib/duration.ts';
import { Problem } from '#lib/problem.ts';

const length = z
  .int()
  .min(3600, 'It is at least one hour.')
  .max(3650 * 24 * 60 * 60, 'It is at most ten years.');

/** What a policy says, as people give it. */
export const policyInput = z.object({
  name: z.string().trim().min(1).max(100),
  rhythm: rhythmInput,
  graceSeconds: z
    .int()
    .min(0)
    .max(90 * 24 * 60 * 60, 'It is at most 90 days.'),
  /** The overlap ends so long after the new version was seen in use, where that can be seen; null: not so. */
  graceAfterUseSeconds: z
    .int()
    .min(60, 'It is at least one minute.')
    .max(90 * 24 * 60 * 60, 'It is at most 90 days.')
    .nullable()
    .default(null),
  /** How many people beside the requester have to approve a rotation. */
  approvals: z.int().min(0).max(2).default(0),
  rules: rulesInput.default({ window: null, blackouts: [], jitterSeconds: 0 }),
  /** So far apart scheduled rotations start at one issuer; 0 for not. */
  minSpacingSeconds: z.int().min(0).max(86_400, 'It is at most one day.').default(0),
  /** A secret older than this is told of; null for never. */
  maxAgeSeconds: length.nullable().default(null),
  /** The next slot is brought forward to the greatest age. */
  ageBringsForward: z.boolean().default(false),
  /** A slot is due so long before a secret expires; null: expiry does not matter. */
  renewBeforeSeconds: length.nullable().default(null),
  /** How far every required delivery is confirmed at the least; null: as far as the bindings say. */
  needs: z.enum(levels).nullable().default(null),
  /** A step that fails is held after so many attempts. */
  retryAttempts: z
    .int()
    .min(retryLimits.attempts.least)
    .max(retryLimits.attempts.most)
    .default(retryLimits.attempts.most),
  /** And after so much time. */
  retrySeconds: z
    .int()
    .min(retryLimits.seconds.least, 'It is at least one minute.')
    .max(retryLimits.seconds.most, 'It is at most one hour: after that a person is needed.')
    .default(retryLimits.seconds.most),
  /** The notifiers that tell of its credentials; none for all of them. */
  notifierIds: z.array(z.uuid()).max(50).default([]),
});

type PolicyWish = z.output<typeof policyInput>;

const nothing = 'Nothing was saved.';

/** The shortest distance between two slots in a row, in seconds. */
const shortest = (slots: readonly Date[]) =>
  Math.min(...slots.slice(1).map((slot, n) => (slot.getTime() - (slots[n]?.getTime() ?? 0)) / 1000));

/** So many slots are looked at for the shortest distance: two years of a rhythm that comes once a week. */
const LOOKED_AT = 100;

/** What cannot be kept to, and the input that says so. */
interface Fault {
  readonly field: string;
  readonly sentence: string;
}

const refused = (code: string, { field, sentence }: Fault) =>
  new Problem(422, code, `${sentence} ${nothing}`, {}, { [field]: sentence });

const fieldOf = (rhythm: Rhythm) => ('cron' in rhythm ? 'rhythm.cron' : 'rhythm.intervalSeconds');

/** The next slots, two at the least, which also proves that the rhythm can be read and does fire. */
function nextSlots(rhythm: Rhythm, now: Date): Date[] {
  try {
    const slots: Date[] = [];
    let slot = nextSlot(rhythm, now, now);
    while (slot !== null && slots.length < LOOKED_AT) {
      slots.push(slot);
      slot = nextSlot(rhythm, slot, now);
    }
    if (slots.length > 1) {
      return slots;
    }
  } catch (error) {
    if (!(error instanceof RhythmError)) {
      throw error;
    }
    throw refused('bad_schedule', { field: fieldOf(rhythm), sentence: `${error.message}.` });
  }
  throw refused('bad_schedule', { field: fieldOf(rhythm), sentence: 'This schedule never comes due.' });
}

/** A window shorter than this is over before a rotation with a redeployment is. */
const LEAST_WINDOW_SECONDS = 15 * 60;

/** Which limit no slot can keep to; null where they go together with the rhythm. */
function limitCollision(wish: PolicyWish, apart: number): Fault | null {
  const { minSpacingSeconds: spacing, maxAgeSeconds: age, renewBeforeSeconds: before, graceSeconds } = wish;
  const afterUse = wish.graceAfterUseSeconds;
  if (afterUse !== null && afterUse >= graceSeconds) {
    return {
      field: 'graceAfterUseSeconds',
      sentence: `The overlap would end ${sayDuration(afterUse)} after the new version was seen in use, but at the latest after ${sayDuration(graceSeconds)}. Shorten the first or lengthen the grace period.`,
    };
  }
  if (spacing >= apart) {
    return {
      field: 'minSpacingSeconds',
      sentence: `Starts at one issuer would be kept ${sayDuration(spacing)} apart, but slots come only ${sayDuration(apart)} apart. Keep them less apart, or rotate less often.`,
    };
  }
  if (age !== null && !wish.ageBringsForward && age < apart) {
    return {
      field: 'maxAgeSeconds',
      sentence: `A secret may be ${sayDuration(age)} old, but the next slot comes after ${sayDuration(apart)}, so each would be too old. Let slots be brought forward, allow a greater age or rotate more often.`,
    };
  }
  if (age !== null && age <= graceSeconds) {
    return {
      field: 'maxAgeSeconds',
      sentence: `A secret may be ${sayDuration(age)} old, but the version before it is kept for ${sayDuration(graceSeconds)}. Shorten the grace period or allow a greater age.`,
    };
  }
  return before !== null && before <= graceSeconds
    ? {
        field: 'renewBeforeSeconds',
        sentence: `A slot is due ${sayDuration(before)} before the secret expires, but both versions are to work for ${sayDuration(graceSeconds)}. Shorten the grace period or rotate earlier.`,
      }
    : null;
}

/**
 * Why a window leaves too few starts; null where it leaves enough. Slots that wait for the same opening are one rotation:
 * that some do, as at a weekend, is what a window is for.
 */
function seldomOpen(rules: PolicyRules, slots: readonly Date[]): Fault | null {
  const open = { ...rules, blackouts: [], jitterSeconds: 0 };
  const starts = new Set(slots.map((slot) => dueOf(slot, open, '')?.getTime()));
  return starts.size * 5 < slots.length
    ? {
        field: 'rules.window.days',
        sentence: `The window opens so seldom that the next ${slots.length} slots would be ${starts.size} rotations. Open it on more days, or rotate less often.`,
      }
    : null;
}

/** Which two rules collide, told at the one that people give way with; null where they go together. */
function collision(rules: PolicyRules, slots: readonly Date[]): Fault | null {
  const apart = shortest(slots);
  const open = windowSeconds(rules);
  const { jitterSeconds } = rules;
  if (open !== null && open < LEAST_WINDOW_SECONDS) {
    return {
      field: 'rules.window.to',
      sentence: `The window is open for ${open / 60} minutes, and a rotation may take longer. Leave at least ${LEAST_WINDOW_SECONDS / 60} minutes.`,
    };
  }
  if (open !== null && jitterSeconds > open) {
    return {
      field: 'rules.jitterSeconds',
      sentence: `Credentials are spread over ${sayDuration(jitterSeconds)}, but the window is open for ${sayDuration(open)} only. Spread them less, or open it longer.`,
    };
  }
  if (jitterSeconds >= apart) {
    return {
      field: 'rules.jitterSeconds',
      sentence: `Credentials are spread over ${sayDuration(jitterSeconds)}, but two slots are only ${sayDuration(apart)} apart. Spread them less, or rotate less often.`,
    };
  }
  // Any credential stands for all: what no opening is found for lies more than a year ahead.
  return slots[0] !== undefined && dueOf(slots[0], rules, '') === null
    ? {
        field: rules.blackouts.length > 0 ? 'rules.blackouts' : 'rules.window.days',
        sentence:
          'The window and the blackouts leave no time in which a rotation may start, for more than a year.',
      }
    : seldomOpen(rules, slots);
}

/** The credential of a policy whose rotations usually take longest, from their first step to the promotion. */
const LONGEST = `
  select name, seconds from (
    select c.name, percentile_cont(0.5) within group (order by extract(epoch from v.promoted_at - s.began)) as seconds
      from policy_assignments a
      join credentials c on c.id = a.credential_id and c.archived_at is null
     cross join lateral (select id, to_version from rotations r
                          where r.credential_id = c.id and r.outcome = 'completed'
                          order by r.created_at desc limit 5) r
      join secret_versions v on v.id = r.to_version and v.promoted_at is not null
     cross join lateral (select min(intent_at) as began from rotation_steps where rotation_id = r.id) s
     where a.policy_id = $1 group by c.id, c.name) taken
   where seconds > $2 order by seconds desc limit 1`;

/** A window shorter than the work of a credential that has the policy already, by its last five rotations. */
async function requireTime({ pool }: Database, rules: PolicyRules, policyId: string): Promise<void> {
  const open = windowSeconds(rules);
  if (open === null) {
    return;
  }
  const { rows } = await pool.query<{ name: string; seconds: number }>(LONGEST, [policyId, open]);
  const [longest] = rows;
  if (longest !== undefined) {
    const minutes = Math.ceil(longest.seconds / 60);
    throw refused('rules_collide', {
      field: 'rules.window.to',
      sentence: `The window is open for ${open / 60} minutes, but a rotation of ${longest.name} usually takes ${minutes} minutes. Open it longer, or give that credential another policy.`,
    });
  }
}

/** Of notifiers that are not there nobody would be told. */
async function requireNotifiers(tx: Db, ids: readonly string[]): Promise<void> {
  const wanted = new Set(ids);
  if ((await tx.notifier.count({ where: { id: { in: [...wanted] } } })) < wanted.size) {
    const sentence = 'A notifier that was chosen is no longer there. Choose among those that are.';
    throw new Problem(422, 'no_such_notifier', `${sentence} ${nothing}`, {}, { notifierIds: sentence });
  }
}

/** Refuses, with a `Problem`, what cannot be kept to; nothing is saved. `policyId`: of a policy that is changed. */
export async function checkPolicy(
  { actor, db }: Context,
  wish: PolicyWish,
  policyId?: string,
): Promise<void> {
  const { rhythm, graceSeconds, rules, approvals } = wish;
  const slots = nextSlots(rhythm, await databaseTime());
  const apart = shortest(slots);
  if (apart <= graceSeconds) {
    throw refused('overlap_too_long', {
      field: 'graceSeconds',
      sentence: `The old version would be kept for ${sayDuration(graceSeconds)}, but two slots are only ${sayDuration(apart)} apart. Shorten the grace period or rotate less often.`,
    });
  }
  const collided = collision(rules, slots) ?? limitCollision(wish, apart);
  if (collided !== null) {
    throw refused('rules_collide', collided);
  }
  if (policyId !== undefined) {
    await requireTime(db, rules, policyId);
    await requireNeedsProvable(db.prisma, wish.needs, { assignment: { policyId } });
  }
  await requireNotifiers(db.prisma, wish.notifierIds);
  await requireApprovers(db, approvals, actor);
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
    graceAfterUseSeconds: wish.graceAfterUseSeconds,
    blackouts: rules.blackouts,
    jitterSeconds: rules.jitterSeconds,
    approvals: wish.approvals,
    minSpacingSeconds: wish.minSpacingSeconds,
    maxAgeSeconds: wish.maxAgeSeconds,
    ageBringsForward: wish.ageBringsForward && wish.maxAgeSeconds !== null,
    renewBeforeSeconds: wish.renewBeforeSeconds,
    needs: wish.needs,
    retryAttempts: wish.retryAttempts,
    retrySeconds: wish.retrySeconds,
    notifierIds: [...new Set(wish.notifierIds)],
  };
}
