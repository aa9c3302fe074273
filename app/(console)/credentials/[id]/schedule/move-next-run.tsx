'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { fill } from '#app/_components/fill.tsx';
import { instantOf } from '#app/_components/first-run-choice.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Moment } from '#app/_components/time.tsx';
import { common } from '#app/_words/common.ts';
import { moveNextRun as words } from '#app/_words/schedule.ts';
import { moveNextRunAction } from '#app/(console)/credentials/[id]/schedule/actions.ts';

/** Moves the next rotation of this credential alone. */
export function MoveNextRun({
  credentialId,
  nextRotationAt,
}: {
  credentialId: string;
  nextRotationAt: string;
}) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ tone: 'good' | 'bad'; text: string } | null>(null);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const at = instantOf(new FormData(event.currentTarget), 'moveTo');
    setBusy(true);
    const answer = await moveNextRunAction(credentialId, at).catch(() => null);
    setBusy(false);
    if (answer === null) {
      setSaid({ tone: 'bad', text: common.noAnswerReload });
    } else {
      setSaid(answer.ok ? { tone: 'good', text: words.moved } : { tone: 'bad', text: answer.message });
    }
    router.refresh();
  }

  return (
    <div className="mt-8 max-w-2xl">
      <Panel title={words.title}>
        <form method="post" onSubmit={onSubmit} className="flex flex-col items-start gap-3">
          <p className="text-quiet">{fill(words.about, { at: <Moment at={nextRotationAt} /> })}</p>
          <Field name="moveTo" label={words.moveTo} hint={words.moveToHint} type="datetime-local" required />
          <Button type="submit" disabled={busy}>
            {words.move}
          </Button>
          {said !== null && (
            <Notice tone={said.tone} live>
              {said.text}
            </Notice>
          )}
        </form>
      </Panel>
    </div>
  );
}
