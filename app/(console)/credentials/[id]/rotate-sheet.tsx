'use client';

import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { planAction } from '#app/(console)/credentials/[id]/actions.ts';
import { RotateForm, WaitingButtons } from '#app/(console)/credentials/[id]/rotate-form.tsx';
import type { PlannedRotation } from '#core/rotation/plan-rotation.ts';

const unreachable = {
  ok: false,
  code: 'unreachable',
  message: 'Rekey does not answer. Check that it is running, then try again; nothing was changed.',
} as const;

function LoadingPlan() {
  return (
    <div className="flex-1 px-5 py-6" aria-busy="true">
      <p className="text-quiet">Making the plan…</p>
    </div>
  );
}

export interface RotateSheetProps {
  credentialId: string;
  name: string;
  nextVersion: number;
  open: boolean;
  change(open: boolean): void;
}

/** A side sheet, on phones and other narrow screens the whole of it. The plan is read before anything can be sent. */
export function RotateSheet({ credentialId, name, nextVersion, open, change }: RotateSheetProps) {
  const [planned, setPlanned] = useState<Answer<PlannedRotation> | null>(null);
  const title = useRef<HTMLHeadingElement>(null);

  const loadPlan = useCallback(async () => {
    setPlanned(null);
    setPlanned(await planAction(credentialId).catch(() => unreachable));
  }, [credentialId]);

  // What was planned before says nothing about now.
  useEffect(() => {
    if (open) {
      loadPlan();
    }
  }, [open, loadPlan]);

  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0 motion-reduce:transition-none" />
        <Dialog.Popup
          initialFocus={title}
          className="fixed inset-y-0 right-0 z-50 flex w-full flex-col bg-surface shadow-xl transition-transform duration-200 ease-out data-ending-style:translate-x-full data-starting-style:translate-x-full motion-reduce:transition-none min-[900px]:max-w-xl min-[900px]:border-line min-[900px]:border-l"
        >
          <div className="flex items-start justify-between gap-4 border-line border-b px-5 py-4">
            <Dialog.Title
              ref={title}
              tabIndex={-1}
              className="min-w-0 text-lg font-semibold break-words outline-none"
            >
              Rotate {name}
            </Dialog.Title>
            <Dialog.Close
              aria-label="Close"
              className="-mr-1.5 inline-flex size-9 shrink-0 items-center justify-center rounded-md text-quiet hover:bg-raised hover:text-ink"
            >
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </div>
          {planned === null && <LoadingPlan />}
          {planned?.ok === false && (
            <div className="flex flex-1 flex-col items-start gap-3 p-5">
              <Notice tone="bad" live>
                {planned.message}
              </Notice>
              <Button onClick={loadPlan}>Try again</Button>
            </div>
          )}
          {planned?.ok === true ? (
            <RotateForm plan={planned.value} nextVersion={nextVersion} />
          ) : (
            <WaitingButtons />
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
