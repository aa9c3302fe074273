'use client';

import { linesOf } from '#app/_components/blackout-lines.ts';
import {
  approvalWords,
  graceWords,
  limitWords,
  needsWords,
  retryWords,
  rhythmWords,
  rulesWords,
  toldWords,
} from '#app/_words/rhythm.ts';
import { count } from '#app/_words/rotation.ts';
import type { Choice, More } from '#app/(console)/policies/new/more-inputs.tsx';
import type { Rhythm } from '#core/schedule/next-slot.ts';
import type { PolicyRules, RulesWish } from '#core/schedule/rules.ts';

/** A policy as far as its form says it. */
export interface Draft extends More {
  name: string;
  rhythm: Rhythm;
  rules: RulesWish;
  graceSeconds: number;
  graceAfterUseSeconds: number | null;
  approvals: number;
  minSpacingSeconds: number;
  maxAgeSeconds: number | null;
  ageBringsForward: boolean;
  renewBeforeSeconds: number | null;
}

const complete = ({ window = null, blackouts = [], jitterSeconds = 0 }: RulesWish): PolicyRules => ({
  window: window === null ? null : { ...window, days: [...window.days] },
  blackouts,
  jitterSeconds,
});

/** What a policy says, part by part, in the words of the list. */
function parts(draft: Draft, notifiers: readonly Choice[]): { part: string; says: string }[] {
  const rules = complete(draft.rules);
  return [
    { part: 'Name', says: draft.name },
    { part: 'Rhythm', says: rhythmWords(draft.rhythm) },
    { part: 'Window and spread', says: rulesWords({ ...rules, blackouts: [] }) },
    { part: 'Blackouts', says: linesOf(rules.blackouts) },
    { part: 'Limits', says: limitWords(draft) },
    { part: 'Approvals', says: approvalWords(draft.approvals) },
    { part: 'Confirmation', says: needsWords(draft.needs) },
    { part: 'Failures', says: retryWords(draft) },
    { part: 'Who is told', says: toldWords(draft.notifierIds, notifiers) },
    { part: 'Old version', says: graceWords(draft.graceSeconds, draft.graceAfterUseSeconds) },
  ];
}

function slotsWords(changed: readonly string[]): string {
  if (changed.includes('Rhythm')) {
    return 'Their next slots are worked out anew, from now on; none rotates at once for it.';
  }
  return changed.includes('Window and spread') || changed.includes('Blackouts')
    ? 'Their next slots stay, and may start at another time.'
    : 'Their next slots stay as they are.';
}

/** What saving would change, and for how many credentials. */
export function Changes({
  from,
  to,
  notifiers,
  credentials,
}: {
  from: Draft;
  to: Draft;
  notifiers: readonly Choice[];
  credentials: number;
}) {
  const before = parts(from, notifiers);
  const changed = parts(to, notifiers).flatMap(({ part, says }, n) =>
    says === before[n]?.says ? [] : { part, from: before[n]?.says ?? '', to: says },
  );
  return (
    <section aria-label="What changes" className="rounded-md bg-raised px-4 py-3 text-sm">
      <p className="font-medium">What changes</p>
      {changed.length === 0 && <p className="text-quiet">Nothing yet.</p>}
      <dl className="flex flex-col gap-2">
        {changed.map((one) => (
          <div key={one.part} className="break-words whitespace-pre-line">
            <dt className="mt-1 font-medium">{one.part}</dt>
            <dd>
              <del className="text-quiet">{one.from || 'nothing'}</del>
            </dd>
            <dd>
              <ins className="no-underline">{one.to || 'nothing'}</ins>
            </dd>
          </div>
        ))}
      </dl>
      {changed.length > 0 && (
        <p className="mt-2">
          {count(credentials, 'credential')} {credentials === 1 ? 'has' : 'have'} this policy.{' '}
          {credentials > 0 && slotsWords(changed.map(({ part }) => part))}
        </p>
      )}
    </section>
  );
}
