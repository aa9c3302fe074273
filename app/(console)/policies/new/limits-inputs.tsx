'use client';

import { TickBox } from '#app/_components/input-frame.tsx';
import { LengthInput, secondsOf } from '#app/_components/length-input.tsx';
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
        label="Apart at one issuer"
        hint="So long after one scheduled start at an issuer the next one comes there. A slot that would come after its next one is skipped. 0: not kept apart."
        seconds={limits.minSpacingSeconds}
        unit="minutes"
        min={0}
      />
      <LengthInput
        name="renewBeforeSeconds"
        label="Before a secret expires"
        hint="Where an issuer’s secrets expire, the next slot is brought forward to so long before. 0: expiry does not matter."
        seconds={limits.renewBeforeSeconds ?? 0}
        unit="days"
        min={0}
      />
      <LengthInput
        name="maxAgeSeconds"
        label="Greatest age"
        hint="People are told of a secret that is older. 0: never."
        seconds={limits.maxAgeSeconds ?? 0}
        unit="days"
        min={0}
      />
      <TickBox
        name="ageBringsForward"
        label="Rotate at the greatest age"
        hint="The next slot is brought forward."
        defaultChecked={limits.ageBringsForward}
      />
    </>
  );
}
