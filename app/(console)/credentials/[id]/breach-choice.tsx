'use client';

import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { breachWords } from '#app/_components/rotate-words.ts';
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
          This secret is in the wrong hands
        </label>
        {breach && (
          <div className="mt-2">
            <Notice tone="warn">{breachWords(plan)}</Notice>
          </div>
        )}
      </div>
      <Field
        label={breach ? 'Reason' : 'Reason (optional)'}
        name="reason"
        required={breach}
        maxLength={500}
        hint="Kept in the audit log."
      />
    </>
  );
}
