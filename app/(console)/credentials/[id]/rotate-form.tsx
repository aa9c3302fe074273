'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useRef, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { useNow } from '#app/_components/clock.ts';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { overlapEnd, overlapOf, overlapSeconds, untilSeenOf } from '#app/_components/overlap-options.ts';
import { common } from '#app/_words/common.ts';
import { verdictOf } from '#app/_words/preflight.ts';
import { approvalsFirst, oldName, rotateParts, rotateForm as words } from '#app/_words/rotate-sheet.ts';
import { leavesOverlap } from '#app/_words/rotation.ts';
import { rotateAction } from '#app/(console)/credentials/[id]/actions.ts';
import { BlastRadiusView } from '#app/(console)/credentials/[id]/blast-radius-view.tsx';
import { BreachChoice } from '#app/(console)/credentials/[id]/breach-choice.tsx';
import { OverlapChoice } from '#app/(console)/credentials/[id]/overlap-choice.tsx';
import {
  PlanGap,
  PlanPointOfNoReturn,
  PlanSteps,
  PlanStrategy,
  PlanWanted,
} from '#app/(console)/credentials/[id]/plan-view.tsx';
import { Preflight } from '#app/(console)/credentials/[id]/preflight.tsx';
import { type Probe, useProbe } from '#app/(console)/credentials/[id]/use-probe.ts';
import type { PlannedRotation } from '#core/rotation/plan-rotation.ts';

interface Open {
  probe: Probe | null;
  breach: boolean;
  ticked: boolean;
  graceSeconds: number | null | undefined;
  /** The name is wanted, and is not typed yet. */
  nameMissing: boolean;
}

/** Why the button is off, as a sentence; null where it is live. */
function whyOff({ probe, breach, ticked, graceSeconds, nameMissing }: Open): string | null {
  if (probe === null) {
    return words.off.asking;
  }
  if (!probe.ok) {
    return words.off.unanswered;
  }
  const { blocks, warns } = verdictOf(probe.value, breach);
  if (blocks > 0) {
    return words.off.blocked;
  }
  if (warns > 0 && !ticked) {
    return words.off.warned;
  }
  if (graceSeconds === null) {
    return words.off.noEnd;
  }
  return nameMissing ? words.off.nameMissing : null;
}

function buttonWord(plan: PlannedRotation, breach: boolean, busy: boolean): string {
  if (busy) {
    return words.starting;
  }
  if (breach) {
    return words.rotateNow;
  }
  return plan.approvals > 0 ? words.requestApproval : words.rotate;
}

/** The buttons where there is no plan yet, at the place where they will be. */
export function WaitingButtons() {
  return (
    <div className="flex justify-end gap-3 border-line border-t bg-surface px-5 py-4">
      <Dialog.Close className={buttonClass()}>{common.cancel}</Dialog.Close>
      <Button look="primary" disabled>
        {words.rotate}
      </Button>
    </div>
  );
}

/** What the button does, in one sentence. */
function Sentence({
  id,
  plan,
  nextVersion,
  chosen,
}: {
  id: string;
  plan: PlannedRotation;
  nextVersion: number;
  chosen: Parameters<typeof rotateParts>[2];
}) {
  const { sentence, places } = rotateParts(plan, nextVersion, chosen);
  return (
    <p id={id} className="text-sm break-words">
      {fill(sentence, {
        ...places,
        name: <strong>{places.name}</strong>,
        environment: <strong>{places.environment}</strong>,
      })}
      {plan.approvals > 0 && !chosen.breach && ` ${approvalsFirst(plan.approvals)}`}
    </p>
  );
}

const textOf = (data: FormData, name: string) => String(data.get(name) ?? '').trim() || undefined;

/** Sends one request, however often it is clicked, and goes to the rotation. */
function useRotate(credentialId: string) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const sent = useRef(false);
  async function send(wish: Parameters<typeof rotateAction>[1]) {
    if (sent.current) {
      return;
    }
    sent.current = true;
    setBusy(true);
    setError(null);
    const answer = await rotateAction(credentialId, wish).catch(() => null);
    if (answer?.ok === true) {
      router.push(`/rotations/${answer.value.rotationId}`);
      return;
    }
    sent.current = false;
    setBusy(false);
    setError(answer?.message ?? words.unanswered);
  }
  return { busy, error, send };
}

/** What is found, told and chosen before rotating, and the sentence with the two buttons. */
export function RotateForm({ plan, nextVersion }: { plan: PlannedRotation; nextVersion: number }) {
  const now = useNow() ?? Date.now();
  const id = useId();
  const { probe, again } = useProbe(plan.credentialId);
  const [wish, setWish] = useState(() => overlapOf(plan));
  const [typed, setTyped] = useState('');
  const [breach, setBreach] = useState(false);
  const [ticked, setTicked] = useState(false);
  const { busy, error, send } = useRotate(plan.credentialId);

  const overlaps = leavesOverlap(plan.strategy) && !breach;
  const seen = plan.seesUse && plan.strategy === 'overlap' ? untilSeenOf(plan) : null;
  const graceSeconds = overlaps ? overlapSeconds(wish, now, seen ?? undefined) : undefined;
  const afterUse = overlaps && wish.option === 'seen' ? (seen?.afterUseSeconds ?? null) : null;
  const none = overlaps && wish.option === 'none';
  const end = graceSeconds ? overlapEnd(now, graceSeconds) : null;
  const nameMissing = none && typed.trim() !== plan.credential;
  const off = whyOff({ probe, breach, ticked, graceSeconds, nameMissing });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (off !== null || graceSeconds === null) {
      return;
    }
    const data = new FormData(event.currentTarget);
    void send({
      graceSeconds,
      graceAfterUseSeconds: overlaps ? afterUse : undefined,
      reason: textOf(data, 'reason'),
      ticket: textOf(data, 'ticket'),
      priority: breach ? 'breach' : undefined,
    });
  }

  return (
    <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-6 overflow-y-auto overscroll-contain px-5 py-5">
        <PlanStrategy plan={plan} />
        <Preflight
          probe={probe}
          breach={breach}
          ticked={ticked}
          onTick={setTicked}
          onAgain={() => {
            setTicked(false);
            again();
          }}
        />
        <BlastRadiusView radius={plan.radius} />
        {overlaps && (
          <OverlapChoice
            wish={wish}
            now={now}
            name={plan.credential}
            oldVersion={oldName(plan)}
            typed={typed}
            seen={seen}
            onChange={setWish}
            onType={setTyped}
          />
        )}
        <PlanGap plan={plan} breach={breach || none} />
        <PlanSteps plan={plan} breach={breach || none} />
        <PlanWanted plan={plan} />
        <PlanPointOfNoReturn plan={plan} breach={breach || none} />
        <BreachChoice plan={plan} breach={breach} onChange={setBreach} />
      </div>
      <div className="flex flex-col gap-3 border-line border-t bg-surface px-5 py-4">
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
        <Sentence
          id={id}
          plan={plan}
          nextVersion={nextVersion}
          chosen={{ end, breach, none, afterUse: afterUse !== null }}
        />
        <div className="flex flex-wrap items-center justify-end gap-3">
          <p
            role="status"
            id={`${id}-off`}
            className="min-w-0 flex-1 basis-full text-sm empty:hidden min-[480px]:basis-48 text-quiet"
          >
            {busy ? '' : off}
          </p>
          <Dialog.Close className={buttonClass()}>{common.cancel}</Dialog.Close>
          <Button
            type="submit"
            look="primary"
            disabled={busy || off !== null}
            aria-describedby={`${id} ${id}-off`}
          >
            {buttonWord(plan, breach, busy)}
          </Button>
        </div>
      </div>
    </form>
  );
}
