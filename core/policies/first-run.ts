import { z } from 'zod';
import { closedAt, openingFrom } from '#core/schedule/opening.ts';
import { type PolicyRules, rulesOf } from '#core/schedule/rules.ts';
import { DAY } from '#core/schedule/wall-clock.ts';
import { Problem } from '#lib/problem.ts';

/** When a credential rotates first under a policy: at the policy's next slot, now, or at a moment that a person names. */
export const firstRunInput = z.union([
  z.literal('next_slot'),
  z.literal('now'),
  z.object({ at: z.iso.datetime({ offset: true }) }),
]);

export type FirstRun = z.output<typeof firstRunInput>;

const FURTHEST_DAYS = 400;

/** A moment that a person names, held against the clock and the policy's rules. Throws a `Problem` with what is wrong. */
export function momentOf(text: string, rules: PolicyRules, now: Date): Date {
  const at = new Date(text);
  const refuse = (sentence: string) => {
    const said = `${sentence} Nothing was changed.`;
    return new Problem(422, 'bad_moment', said, {}, { at: sentence });
  };
  if (at <= now) {
    throw refuse(`${at.toISOString()} has passed. Choose a time to come.`);
  }
  if (at.getTime() - now.getTime() > FURTHEST_DAYS * DAY) {
    throw refuse(`${at.toISOString()} is more than ${FURTHEST_DAYS} days ahead. Choose a time before that.`);
  }
  const closed = closedAt(at, rulesOf(rules));
  if (closed !== null) {
    const opens = openingFrom(at, rulesOf(rules));
    const why =
      closed === 'blackout' ? 'is in a blackout of the policy' : 'is outside of the policy’s window';
    const next =
      opens === null ? 'It never opens again.' : `The next time it may start is ${opens.toISOString()}.`;
    throw refuse(`${at.toISOString()} ${why}. ${next}`);
  }
  return at;
}

/** The slot of a first run that a person chose; null where it is the policy's own next slot. */
export function chosenSlot(first: FirstRun, rules: PolicyRules, now: Date): Date | null {
  if (first === 'next_slot') {
    return null;
  }
  return first === 'now' ? now : momentOf(first.at, rules, now);
}
