'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useRef, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Field, inputClass } from '#app/_components/field.tsx';
import { duration } from '#app/_components/format-time.ts';
import { Notice } from '#app/_components/notice.tsx';
import { batchSentences, typedCount, batchForm as words } from '#app/_words/bulk.ts';
import { common } from '#app/_words/common.ts';
import { leavesOverlap } from '#app/_words/rotation.ts';
import { startBatchAction } from '#app/(console)/credentials/bulk/actions.ts';
import { PlannedMembers } from '#app/(console)/credentials/bulk/planned-members.tsx';
import type { BatchPlan } from '#core/rotation/batches/plan-batch.ts';

/** What a plan is made with. */
export interface Settings {
  maxConcurrency: number;
  /** Undefined: as each policy says, or else a day. */
  graceSeconds: number | undefined;
}

const overlaps = [
  { seconds: undefined, label: words.overlaps.policy },
  { seconds: 3600, label: words.overlaps.hour },
  { seconds: 86_400, label: words.overlaps.day },
  { seconds: 3 * 86_400, label: words.overlaps.days },
  { seconds: 7 * 86_400, label: words.overlaps.week },
];

/** Whether the old secret of any of them goes on working for a time that is chosen. */
const leaves = (members: BatchPlan['members']) =>
  members.some(({ strategy, refusal }) => refusal === null && strategy !== null && leavesOverlap(strategy));

/** What happens on the click, in one sentence or two. */
function sentence(
  { starting, members, etaSeconds, measured }: BatchPlan,
  { maxConcurrency }: Settings,
): string {
  if (starting === 0) {
    return batchSentences.nothing;
  }
  // The number stays beside its unit.
  const time = duration(etaSeconds).replaceAll(' ', '\u00a0');
  const takes = batchSentences.takes({ time, measured, overlaps: leaves(members) });
  return `${batchSentences.rotates(starting, maxConcurrency)} ${takes}`;
}

/** The settings, the names and the two buttons. Starts exactly the list that is shown, once. */
export function BatchForm({
  plan,
  settings,
  replan,
}: {
  plan: BatchPlan;
  settings: Settings;
  replan(settings: Settings): Promise<void>;
}) {
  const router = useRouter();
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const sent = useRef(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (sent.current) {
      return;
    }
    sent.current = true;
    setBusy(true);
    setProblem(null);
    const form = new FormData(event.currentTarget);
    const typed = form.get('count');
    const answer = await startBatchAction({
      credentialIds: plan.members.map(({ credentialId }) => credentialId),
      digest: plan.digest,
      reason: String(form.get('reason')),
      stopOnFailure: form.get('stopOnFailure') !== null,
      ...settings,
      ...(typed === null ? {} : { count: Number(typed) }),
    }).catch(() => null);
    if (answer?.ok === true) {
      router.push(`/batches/${answer.value.batchId}`);
      return;
    }
    if (answer?.code === 'batch_changed') {
      // The list is shown again, as it is now.
      await replan(settings);
    }
    sent.current = false;
    setBusy(false);
    setProblem(answer?.message ?? words.lost);
  }

  return (
    <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-6 overflow-y-auto overscroll-contain px-5 py-5">
        <PlannedMembers members={plan.members} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label={words.together}
            type="number"
            min={1}
            max={50}
            required
            defaultValue={settings.maxConcurrency}
            hint={words.togetherAbout}
            onChange={({ currentTarget: { value, validity } }) => {
              if (validity.valid && Number.isInteger(Number(value))) {
                void replan({ ...settings, maxConcurrency: Number(value) });
              }
            }}
          />
          {leaves(plan.members) && (
            <div className="flex flex-col gap-1">
              <label htmlFor={`${id}-overlap`} className="text-sm font-medium">
                {words.overlap}
              </label>
              <select
                id={`${id}-overlap`}
                value={settings.graceSeconds ?? ''}
                onChange={({ currentTarget: { value } }) =>
                  void replan({ ...settings, graceSeconds: value === '' ? undefined : Number(value) })
                }
                aria-describedby={`${id}-overlap-hint`}
                className={inputClass}
              >
                {overlaps.map(({ seconds, label }) => (
                  <option key={label} value={seconds ?? ''}>
                    {label}
                  </option>
                ))}
              </select>
              <p id={`${id}-overlap-hint`} className="text-sm text-quiet">
                {words.overlapAbout}
              </p>
            </div>
          )}
        </div>
        <label className="flex items-start gap-2.5">
          <input
            type="checkbox"
            name="stopOnFailure"
            defaultChecked
            className="mt-0.5 size-5 shrink-0 accent-accent pointer-coarse:size-6"
          />
          <span>
            <span className="font-medium">{words.stop}</span>
            <span className="block text-sm text-quiet">{words.stopAbout}</span>
          </span>
        </label>
        <Field label={common.reason} name="reason" required maxLength={500} hint={words.reasonAbout} />
        {plan.count !== null && (
          <Field
            label={words.confirm(plan.count)}
            name="count"
            inputMode="numeric"
            autoComplete="off"
            required
            pattern={String(plan.count)}
            title={typedCount.wanted(plan.count)}
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
        <p className="text-sm" role="status">
          {sentence(plan, settings)}
        </p>
        <div className="flex justify-end gap-3">
          <Dialog.Close className={buttonClass()}>{common.cancel}</Dialog.Close>
          <Button type="submit" look="primary" disabled={busy || plan.starting === 0}>
            {busy ? words.starting : words.submit(plan.starting)}
          </Button>
        </div>
      </div>
    </form>
  );
}
