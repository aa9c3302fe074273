'use client';

import { TickBox } from '#app/_components/input-frame.tsx';
import { LengthInput, secondsOf } from '#app/_components/length-input.tsx';
import { limitsInputs as words } from '#app/_words/policies.ts';
import type { PolicyRow } from '#core/policies/list-policies.ts';

export type Limits = Pick<
  PolicyRow,
  'minSpacingSeconds' | 'maxAgeSeconds' | 'ageBringsForward' | 'renewBeforeSeconds'
>;

/** What the inputs say: nothing is entered as 0. */
export function limitsOf(data: FormData): Limits {
  return {
    minSpacingSeconds: secondsOf(data, 'minSpacingSeconds') || 0,
    maxAgeSeconds: secondsOf(data, 'maxAgeSeconds') || null,
    ageBringsForward: data.get('ageBringsForward') !== null,
    renewBeforeSeconds: secondsOf(data, 'renewBeforeSeconds') || null,
  };
}

/** How far apart rotations start, how old a secret may become, and how long before its end it is replaced. */
export function LimitsInputs({ limits }: { limits: Limits }) {
  return (
    <>
      <LengthInput
        name="minSpacingSeconds"
        label={words.spacing}
        hint={words.spacingHint}
        seconds={limits.minSpacingSeconds}
        unit="minutes"
        min={0}
      />
      <LengthInput
        name="renewBeforeSeconds"
        label={words.renewal}
        hint={words.renewalHint}
        seconds={limits.renewBeforeSeconds ?? 0}
        unit="days"
        min={0}
      />
      <LengthInput
        name="maxAgeSeconds"
        label={words.age}
        hint={words.ageHint}
        seconds={limits.maxAgeSeconds ?? 0}
        unit="days"
        min={0}
      />
      <TickBox
        name="ageBringsForward"
        label={words.rotateAtAge}
        hint={words.rotateAtAgeHint}
        defaultChecked={limits.ageBringsForward}
      />
    </>
  );
}
