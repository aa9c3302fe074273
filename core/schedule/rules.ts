import { createHash } from 'node:crypto';
import { z } from 'zod';
import { closesAt, lengthOf, openingFrom, type Rules } from '#core/schedule/opening.ts';

const clock = /^([01]\d|2[0-3]):[0-5]\d$/;
const time = z.string().regex(clock, 'Enter a time as 22:00.');

/** A maintenance window as people give it and as it is stored. */
export const windowInput = z.object({
  /** 0 is Sunday. */
  days: z
    .array(z.int().min(0).max(6))
    .min(1, 'Choose at least one day.')
    .transform((days) => [...new Set(days)].sort()),
  from: time,
  to: time,
  timeZone: z
    .string()
    .trim()
    .min(1, 'Enter a time zone.')
    .max(100)
    .refine(isTimeZone, 'There is no such time zone.'),
});

/** A time in which nothing starts. */
export const blackoutInput = z
  .object({
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    reason: z.string().trim().min(1, 'Say why.').max(200),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'It ends before it begins.',
  });

/** What a policy says beside its rhythm. */
export const rulesInput = z.object({
  window: windowInput.nullable().default(null),
  blackouts: z.array(blackoutInput).max(50).default([]),
  jitterSeconds: z.int().min(0).max(86_400, 'It is at most one day.').default(0),
});

export type PolicyRules = z.output<typeof rulesInput>;

/** The same as people give them. */
export type RulesWish = z.input<typeof rulesInput>;

const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** The rules of a policy as the schedule reads them. */
export function rulesOf({ window, blackouts }: Pick<PolicyRules, 'window' | 'blackouts'>): Rules {
  return {
    timeZone: window?.timeZone ?? 'UTC',
    window:
      window === null ? null : { days: window.days, from: minutes(window.from), to: minutes(window.to) },
    blackouts: blackouts.map(({ from, to, reason }) => ({ from: new Date(from), to: new Date(to), reason })),
  };
}

/** How long the window is, in seconds; null where there is none. */
export function windowSeconds({ window }: Pick<PolicyRules, 'window'>): number | null {
  return window === null
    ? null
    : lengthOf({ days: [], from: minutes(window.from), to: minutes(window.to) }) * 60;
}

/** The rules of a policy's row. */
export function rulesOfRow(row: { window: unknown; blackouts: unknown; jitterSeconds: number }): PolicyRules {
  return rulesInput.parse(row);
}

/** A number from 0 to 1 that is the same for the same credential and moment, and spread evenly over them. */
function share(credentialId: string, moment: Date): number {
  const digest = createHash('sha256').update(`${credentialId} ${moment.toISOString()}`).digest();
  return digest.readUInt32BE() / 2 ** 32;
}

/** A credential's own moment within so many seconds from one on. */
function spread(credentialId: string, from: Date, seconds: number): Date {
  return new Date(from.getTime() + Math.floor(share(credentialId, from) * seconds) * 1000);
}

/**
 * When the rotation of a slot may start: after its share of the jitter, and not before the rules let it. The slot
 * itself stays as it is, so that it is rotated once however often its time is worked out. Null: for more than a year not.
 */
export function dueOf(slot: Date, rules: PolicyRules, credentialId: string): Date | null {
  const { jitterSeconds } = rules;
  const when = rulesOf(rules);
  const own = spread(credentialId, slot, jitterSeconds);
  const opening = openingFrom(own, when);
  if (opening === null || opening.getTime() === own.getTime()) {
    return opening;
  }
  // All that were closed out wait for this one moment, so they are spread anew from it, and within what opens. By the opening and
  // not by the slot: several slots of one credential that wait for it are one rotation.
  const closes = closesAt(opening, when);
  const open = closes === null ? jitterSeconds : (closes.getTime() - opening.getTime()) / 1000;
  return spread(credentialId, opening, Math.min(jitterSeconds, open));
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
