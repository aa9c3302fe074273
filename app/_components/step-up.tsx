'use client';

import { type ReactNode, useRef, useState } from 'react';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import type { StepUpDialogProps } from '#app/_components/step-up-dialog.tsx';
import type { Answer } from '#app/_doors/answer.ts';

const question = onDemand<StepUpDialogProps>(
  async () => (await import('#app/_components/step-up-dialog.tsx')).StepUpDialog,
);

/**
 * Makes calls that may be answered with `step_up_required`: then a dialog asks who the person is, and the call is made again. Draw
 * `dialog` beside what calls, within its own dialog where it is in one. A person who does not go on gets the first answer.
 */
export function useStepUp(): {
  withStepUp<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>>;
  dialog: ReactNode;
} {
  const [open, setOpen] = useState(false);
  const decided = useRef<(goOn: boolean) => void>(() => {});

  async function withStepUp<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const first = await call();
    if (first.ok || first.code !== 'step_up_required') {
      return first;
    }
    setOpen(true);
    const goOn = await new Promise<boolean>((resolve) => {
      decided.current = resolve;
    });
    setOpen(false);
    return goOn ? call() : first;
  }

  const dialog = (
    <Once open={open}>
      <question.Part open={open} decide={(goOn) => decided.current(goOn)} />
    </Once>
  );
  return { withStepUp, dialog };
}
