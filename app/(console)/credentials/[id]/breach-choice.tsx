'use client';

import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { common } from '#app/_words/common.ts';
import { breachWords, breachChoice as words } from '#app/_words/rotate-sheet.ts';
import type { Plan } from '#core/rotation/plan.ts';

/** Why the rotation is asked for. A breach is the one choice that is not routine: small, and explained once it is made. */
export function BreachChoice({
  plan,
  breach,
  onChange,
}: {
  plan: Plan;
  breach: boolean;
  onChange(breach: boolean): void;
}) {
  const mustSay = breach || plan.reasonRequired;
  return (
    <>
      <div>
        <label className="inline-flex min-h-6 cursor-pointer items-center gap-2.5 pointer-coarse:min-h-11">
          <input
            type="checkbox"
            checked={breach}
            onChange={(event) => onChange(event.currentTarget.checked)}
            className="size-4 shrink-0 accent-accent"
          />
          {words.breach}
        </label>
        {breach && (
          <div className="mt-2">
            <Notice tone="warn">{breachWords(plan)}</Notice>
          </div>
        )}
      </div>
      <div className="grid gap-4 min-[480px]:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Field
          label={mustSay ? common.reason : words.reasonOptional}
          name="reason"
          required={mustSay}
          maxLength={500}
          hint={plan.reasonRequired ? words.reasonWanted(plan.environment) : words.reasonHint}
        />
        <Field label={words.ticket} name="ticket" maxLength={200} />
      </div>
    </>
  );
}
