import { wordsOf } from '#app/_components/form-values.ts';
import { InputFrame } from '#app/_components/input-frame.tsx';
import { limitFields as words } from '#app/_words/limits.ts';
import type { Scope } from '#core/access/actor.ts';

/** What the fields below were filled with. */
export const limitsOf = (data: FormData) => ({
  environments: wordsOf(data, 'environments'),
  labels: wordsOf(data, 'labels'),
});

const noLimits: Scope = { environments: [], labels: [] };

/** To which environments and labels somebody is limited, a person or an API client. */
export function LimitFields({ known = noLimits }: { known?: Scope }) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <InputFrame name="environments" label={words.environments} hint={words.environmentsHint}>
        {(control) => <input {...control} defaultValue={known.environments.join(', ')} autoComplete="off" />}
      </InputFrame>
      <InputFrame name="labels" label={words.labels} hint={words.labelsHint}>
        {(control) => <input {...control} defaultValue={known.labels.join(', ')} autoComplete="off" />}
      </InputFrame>
    </div>
  );
}
