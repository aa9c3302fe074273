'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Field, inputClass } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { count } from '#app/_words/rotation.ts';
import { assignManyAction, type Changed, pauseManyAction } from '#app/(console)/credentials/bulk/actions.ts';
import type { Chosen } from '#app/(console)/credentials/bulk/selection.tsx';
import { Sheet } from '#app/(console)/credentials/bulk/sheet.tsx';

const words = {
  assign: { button: 'Assign policy…', act: 'Assign to', done: 'Assigned', title: 'Assign a policy to' },
  pause: { button: 'Pause…', act: 'Pause', done: 'Paused', title: 'Pause' },
} as const;

/** More than this in production are changed together only by somebody who types how many they are. */
const TYPED_ABOVE = 5;

const lost =
  'Rekey did not answer, so it is not known which were changed. Close this and look at the list of credentials.';

/** Each name, and once it was tried what came of it. */
function Names({
  chosen,
  changed,
  done,
}: {
  chosen: readonly Chosen[];
  changed: readonly Changed[];
  done: string;
}) {
  const results = new Map(changed.map((one) => [one.id, one]));
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {chosen.map(({ id, name, environment }) => {
        const result = results.get(id);
        return (
          <li key={id} className="flex flex-wrap items-baseline justify-between gap-x-4 px-3 py-2">
            <span className="min-w-0 [overflow-wrap:anywhere]">
              <span className="font-medium">{name}</span>
              <span className="text-sm text-quiet"> {environment}</span>
            </span>
            {result !== undefined && (
              <span className={result.refused === null ? 'text-sm text-good' : 'text-sm text-bad'}>
                {result.refused ?? `${done}.`}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function PolicyChoice({ policies }: { policies: readonly { id: string; name: string }[] }) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        Policy
      </label>
      <select
        id={id}
        name="policy"
        required
        defaultValue=""
        className={inputClass}
        aria-describedby={`${id}-hint`}
      >
        <option value="" disabled>
          Choose a policy
        </option>
        {policies.map((policy) => (
          <option key={policy.id} value={policy.id}>
            {policy.name}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} className="text-sm text-quiet">
        Each rotates first at the policy’s next slot. A policy that a credential has is replaced.
      </p>
    </div>
  );
}

/** Puts what was chosen under a policy, or pauses it. Each name is shown before, and what came of each afterwards. */
export function ChangeSheet({
  kind,
  chosen,
  policies,
}: {
  kind: keyof typeof words;
  chosen: readonly Chosen[];
  policies: readonly { id: string; name: string }[];
}) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState<readonly Changed[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { button, act, done, title } = words[kind];
  const typed = chosen.filter(({ production }) => production).length > TYPED_ABOVE;
  const refused = changed?.filter((one) => one.refused !== null).length ?? 0;

  function change(opens: boolean) {
    setOpen(opens);
    if (opens) {
      setChanged(null);
      setProblem(null);
    } else if (changed !== null) {
      router.refresh();
    }
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const ids = chosen.map(({ id }) => id);
    setBusy(true);
    const results = await (kind === 'pause'
      ? pauseManyAction(ids, String(form.get('reason')))
      : assignManyAction(ids, String(form.get('policy')))
    ).catch(() => null);
    setBusy(false);
    setChanged(results);
    setProblem(results === null ? lost : null);
  }

  return (
    <Sheet
      button={button}
      title={`${title} ${count(chosen.length, 'credential')}`}
      open={open}
      onOpen={change}
    >
      <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
        <div className="flex flex-1 flex-col gap-6 overflow-y-auto overscroll-contain px-5 py-5">
          <Names chosen={chosen} changed={changed ?? []} done={done} />
          {changed === null && kind === 'assign' && <PolicyChoice policies={policies} />}
          {changed === null && kind === 'pause' && (
            <Field
              label="Reason"
              name="reason"
              required
              maxLength={500}
              hint="Nothing of them starts or goes on; no consumer is left without a secret that works."
            />
          )}
          {changed === null && typed && (
            <Field
              label={`Type ${chosen.length} to change ${chosen.length} credentials`}
              inputMode="numeric"
              autoComplete="off"
              required
              pattern={String(chosen.length)}
              title={`Type ${chosen.length}`}
              hint="More than five of them are in production."
            />
          )}
        </div>
        <div className="flex flex-col gap-3 border-line border-t bg-surface px-5 py-4">
          {problem !== null && (
            <Notice tone="bad" live>
              {problem}
            </Notice>
          )}
          {changed !== null && (
            <Notice tone={refused === 0 ? 'good' : 'warn'} live>
              {done}: {changed.length - refused} of {changed.length}.
              {refused > 0 && ' The others are as they were; each says why.'}
            </Notice>
          )}
          <div className="flex justify-end gap-3">
            <Dialog.Close className={buttonClass()}>{changed === null ? 'Cancel' : 'Close'}</Dialog.Close>
            {changed === null && (
              <Button type="submit" look="primary" disabled={busy}>
                {busy ? 'Working…' : `${act} ${chosen.length}`}
              </Button>
            )}
          </div>
        </div>
      </form>
    </Sheet>
  );
}
