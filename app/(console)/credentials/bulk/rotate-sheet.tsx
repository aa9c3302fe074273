'use client';

import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { rotateChosen as words } from '#app/_words/bulk.ts';
import { common } from '#app/_words/common.ts';
import { planBatchAction } from '#app/(console)/credentials/bulk/actions.ts';
import { BatchForm, type Settings } from '#app/(console)/credentials/bulk/batch-form.tsx';
import type { Chosen } from '#app/(console)/credentials/bulk/selection.tsx';
import { Sheet } from '#app/(console)/credentials/bulk/sheet.tsx';
import type { BatchPlan } from '#core/rotation/batches/plan-batch.ts';

const unreachable = {
  ok: false,
  code: 'unreachable',
  message: common.noAnswerUnchanged,
} as const;

/** Rotates what was chosen, as one batch. Its plan names every credential and is read before anything can be sent. */
export function RotateSheet({ chosen }: { chosen: readonly Chosen[] }) {
  const [open, setOpen] = useState(false);
  const [planned, setPlanned] = useState<Answer<BatchPlan> | null>(null);
  const [settings, setSettings] = useState<Settings>({ maxConcurrency: 5, graceSeconds: undefined });

  async function plan(wanted: Settings) {
    setSettings(wanted);
    const credentialIds = chosen.map(({ id }) => id);
    setPlanned(await planBatchAction({ credentialIds, ...wanted }).catch(() => unreachable));
  }

  function change(opens: boolean) {
    setOpen(opens);
    if (opens) {
      setPlanned(null);
      void plan(settings);
    }
  }

  return (
    <Sheet
      button={
        <>
          <RefreshCw aria-hidden className="size-4" />
          {words.open}
        </>
      }
      title={words.title(chosen.length)}
      open={open}
      onOpen={change}
    >
      {planned === null && (
        <p className="px-5 py-6 text-quiet" aria-busy="true">
          {words.planning}
        </p>
      )}
      {planned?.ok === false && (
        <div className="flex flex-col items-start gap-3 p-5">
          <Notice tone="bad" live>
            {planned.message}
          </Notice>
          <Button onClick={() => plan(settings)}>{words.tryAgain}</Button>
        </div>
      )}
      {planned?.ok && <BatchForm plan={planned.value} settings={settings} replan={plan} />}
    </Sheet>
  );
}
