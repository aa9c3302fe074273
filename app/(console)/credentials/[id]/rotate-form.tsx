'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useRouter } from 'next/navigation';
import { type FormEvent, useRef, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { useNow } from '#app/_components/clock.ts';
import { Notice } from '#app/_components/notice.tsx';
import {
  defaultOverlap,
  type OverlapWish,
  overlapEnd,
  overlapSeconds,
} from '#app/_components/overlap-options.ts';
import { approvalsFirst, oldName, rotateSentence } from '#app/_components/rotate-words.ts';
import { leavesOverlap } from '#app/_components/words.ts';
import { rotateAction } from '#app/(console)/credentials/[id]/actions.ts';
import { BreachChoice } from '#app/(console)/credentials/[id]/breach-choice.tsx';
import { OverlapChoice } from '#app/(console)/credentials/[id]/overlap-choice.tsx';
import { PlanProbe } from '#app/(console)/credentials/[id]/plan-probe.tsx';
import {
  PlanGap,
  PlanPointOfNoReturn,
  PlanSteps,
  PlanStrategy,
  PlanWanted,
} from '#app/(console)/credentials/[id]/plan-view.tsx';
import type { Plan } from '#core/rotation/plan.ts';

/** What is chosen before rotating, and the two buttons. Sends one request, however often it is clicked. */
export function RotateForm({ plan, nextVersion }: { plan: Plan | null; nextVersion: number }) {
  const router = useRouter();
  const now = useNow() ?? Date.now();
  const [wish, setWish] = useState<OverlapWish>(defaultOverlap);
  const [breach, setBreach] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const sent = useRef(false);

  const overlaps = plan !== null && leavesOverlap(plan.strategy) && !breach;
  const graceSeconds = overlaps ? overlapSeconds(wish) : undefined;
  const end = graceSeconds ? overlapEnd(now, graceSeconds) : null;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (sent.current || plan === null || graceSeconds === null) {
      return;
    }
    sent.current = true;
    setBusy(true);
    setError(null);
    const reason = String(new FormData(event.currentTarget).get('reason')).trim();
    const answer = await rotateAction(plan.credentialId, {
      graceSeconds,
      reason: reason === '' ? undefined : reason,
      priority: breach ? 'breach' : undefined,
    }).catch(() => null);
    if (answer?.ok === true) {
      router.push(`/rotations/${answer.value.rotationId}`);
      return;
    }
    sent.current = false;
    setBusy(false);
    setError(
      answer?.message ??
        'Rekey did not answer, so it is not known whether the rotation started. Close this and look at the list of rotations.',
    );
  }

  return (
    <form onSubmit={submit} method="post" className={plan === null ? '' : 'flex min-h-0 flex-1 flex-col'}>
      {plan !== null && (
        <div className="flex flex-1 flex-col gap-6 overflow-y-auto overscroll-contain px-5 py-5">
          <PlanStrategy plan={plan} />
          {overlaps && <OverlapChoice wish={wish} now={now} oldVersion={oldName(plan)} onChange={setWish} />}
          <PlanGap plan={plan} breach={breach} />
          <PlanSteps plan={plan} breach={breach} />
          <PlanWanted plan={plan} />
          <PlanProbe credentialId={plan.credentialId} />
          <PlanPointOfNoReturn plan={plan} breach={breach} />
          <BreachChoice plan={plan} breach={breach} onChange={setBreach} />
        </div>
      )}
      <div className="flex flex-col gap-3 border-line border-t bg-surface px-5 py-4">
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
        {plan !== null && (
          <p className="text-sm break-words">
            {rotateSentence(plan, nextVersion, { end, breach })}
            {plan.approvals > 0 && !breach && ` ${approvalsFirst(plan.approvals)}`}
          </p>
        )}
        <div className="flex justify-end gap-3">
          <Dialog.Close className={buttonClass()}>Cancel</Dialog.Close>
          <Button type="submit" look="primary" disabled={plan === null || busy || graceSeconds === null}>
            {busy ? 'Starting…' : breach ? 'Rotate now' : 'Rotate'}
          </Button>
        </div>
      </div>
    </form>
  );
}
