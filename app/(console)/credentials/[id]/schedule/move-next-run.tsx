'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { instantOf } from '#app/_components/first-run-choice.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Moment } from '#app/_components/time.tsx';
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
      setSaid({ tone: 'bad', text: 'Rekey does not answer. Reload the page to see.' });
    } else {
      setSaid(
        answer.ok
          ? { tone: 'good', text: 'The next rotation is moved.' }
          : { tone: 'bad', text: answer.message },
      );
    }
    router.refresh();
  }

  return (
    <div className="mt-8 max-w-2xl">
      <Panel title="Next rotation">
        <form method="post" onSubmit={onSubmit} className="flex flex-col items-start gap-3">
          <p className="text-quiet">
            Now on <Moment at={nextRotationAt} />. Moved, it takes the place of that slot; the policy’s other
            credentials keep theirs.
          </p>
          <Field
            name="moveTo"
            label="Move it to"
            hint="By the clock of this browser."
            type="datetime-local"
            required
          />
          <Button type="submit" disabled={busy}>
            Move the next rotation
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
