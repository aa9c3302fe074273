'use client';

import { linesOf } from '#app/_components/blackout-lines.ts';
import { policyChanges as words } from '#app/_words/policies.ts';
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

type Part = keyof typeof words.parts;

const complete = ({ window = null, blackouts = [], jitterSeconds = 0 }: RulesWish): PolicyRules => ({
  window: window === null ? null : { ...window, days: [...window.days] },
  blackouts,
  jitterSeconds,
});

/** What a policy says, part by part, in the words of the list. */
function parts(draft: Draft, notifiers: readonly Choice[]): { part: Part; says: string }[] {
  const rules = complete(draft.rules);
  return [
    { part: 'name', says: draft.name },
    { part: 'rhythm', says: rhythmWords(draft.rhythm) },
    { part: 'rules', says: rulesWords({ ...rules, blackouts: [] }) },
    { part: 'blackouts', says: linesOf(rules.blackouts) },
    { part: 'limits', says: limitWords(draft) },
    { part: 'approvals', says: approvalWords(draft.approvals) },
    { part: 'needs', says: needsWords(draft.needs) },
    { part: 'retries', says: retryWords(draft) },
    { part: 'told', says: toldWords(draft.notifierIds, notifiers) },
    { part: 'grace', says: graceWords(draft.graceSeconds, draft.graceAfterUseSeconds) },
  ];
}

function slotsWords(changed: readonly Part[]): string {
  if (changed.includes('rhythm')) {
    return words.newSlots;
  }
  return changed.includes('rules') || changed.includes('blackouts') ? words.movedSlots : words.keptSlots;
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
    <section aria-label={words.title} className="rounded-md bg-raised px-4 py-3 text-sm">
      <p className="font-medium">{words.title}</p>
      {changed.length === 0 && <p className="text-quiet">{words.nothingYet}</p>}
      <dl className="flex flex-col gap-2">
        {changed.map((one) => (
          <div key={one.part} className="break-words whitespace-pre-line">
            <dt className="mt-1 font-medium">{words.parts[one.part]}</dt>
            <dd>
              <del className="text-quiet">{one.from || words.nothing}</del>
            </dd>
            <dd>
              <ins className="no-underline">{one.to || words.nothing}</ins>
            </dd>
          </div>
        ))}
      </dl>
      {changed.length > 0 && (
        <p className="mt-2">
          {words.credentials(credentials)} {credentials > 0 && slotsWords(changed.map(({ part }) => part))}
        </p>
      )}
    </section>
  );
}
