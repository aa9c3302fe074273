'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Field, inputClass } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { typedCount, changeSheet as words } from '#app/_words/bulk.ts';
import { common } from '#app/_words/common.ts';
import { policyOff } from '#app/_words/schedule.ts';
import { assignManyAction, type Changed, pauseManyAction } from '#app/(console)/credentials/bulk/actions.ts';
import type { Chosen } from '#app/(console)/credentials/bulk/selection.tsx';
import { Sheet } from '#app/(console)/credentials/bulk/sheet.tsx';

/** More than this in production are changed together only by somebody who types how many they are. */
const TYPED_ABOVE = 5;

/** A policy to choose. Nothing rotates by one that is off. */
export interface Policy {
  id: string;
  name: string;
  enabled: boolean;
}

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
                {result.refused ?? done}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function PolicyChoice({
  policies,
  chosen,
  choose,
}: {
  policies: readonly Policy[];
  chosen: Policy | undefined;
  choose(id: string): void;
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {words.policy}
      </label>
      <select
        id={id}
        name="policy"
        required
        value={chosen?.id ?? ''}
        onChange={(event) => choose(event.currentTarget.value)}
        className={inputClass}
        aria-describedby={`${id}-hint`}
      >
        <option value="" disabled>
          {words.choosePolicy}
        </option>
        {policies.map((policy) => (
          <option key={policy.id} value={policy.id}>
            {policy.enabled ? policy.name : policyOff.choice(policy.name)}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} className="text-sm text-quiet">
        {words.aboutPolicy}
      </p>
      {chosen?.enabled === false && (
        <Notice tone="warn" live>
          {policyOff.said}
        </Notice>
      )}
    </div>
  );
}

/** Puts what was chosen under a policy, or pauses it. Each name is shown before, and what came of each afterwards. */
export function ChangeSheet({
  kind,
  chosen,
  policies,
}: {
  kind: 'assign' | 'pause';
  chosen: readonly Chosen[];
  policies: readonly Policy[];
}) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState<readonly Changed[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [policyId, setPolicyId] = useState('');
  const policy = policies.find(({ id }) => id === policyId);
  const isOff = policy?.enabled === false;
  const act = words[kind];
  const typed = chosen.filter(({ production }) => production).length > TYPED_ABOVE;
  const refused = changed?.filter((one) => one.refused !== null).length ?? 0;

  function change(opens: boolean) {
    setOpen(opens);
    if (opens) {
      setChanged(null);
      setProblem(null);
      setPolicyId('');
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
    setProblem(results === null ? words.lost : null);
  }

  return (
    <Sheet button={act.open} title={act.title(chosen.length)} open={open} onOpen={change}>
      <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
        <div className="flex flex-1 flex-col gap-6 overflow-y-auto overscroll-contain px-5 py-5">
          <Names chosen={chosen} changed={changed ?? []} done={act.done} />
          {changed === null && kind === 'assign' && (
            <PolicyChoice policies={policies} chosen={policy} choose={setPolicyId} />
          )}
          {changed === null && kind === 'pause' && (
            <Field label={common.reason} name="reason" required maxLength={500} hint={words.aboutPause} />
          )}
          {changed === null && typed && (
            <Field
              label={words.confirm(chosen.length)}
              inputMode="numeric"
              autoComplete="off"
              required
              pattern={String(chosen.length)}
              title={typedCount.wanted(chosen.length)}
              hint={typedCount.why}
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
            <Notice tone={refused === 0 && !isOff ? 'good' : 'warn'} live>
              {act.doneOf(changed.length - refused, changed.length)}
              {isOff && ` ${policyOff.said}`}
              {refused > 0 && ` ${words.refused}`}
            </Notice>
          )}
          <div className="flex justify-end gap-3">
            <Dialog.Close className={buttonClass()}>
              {changed === null ? common.cancel : common.close}
            </Dialog.Close>
            {changed === null && (
              <Button type="submit" look="primary" disabled={busy}>
                {busy ? words.working : act.submit(chosen.length)}
              </Button>
            )}
          </div>
        </div>
      </form>
    </Sheet>
  );
}
