'use client';

import { Button } from '#app/_components/button.tsx';
import { type Asked, actionWords, isAsked, type Offered } from '#app/_words/actions.ts';
import { resumeAction, retryAction, tryNowAction } from '#app/(console)/rotations/[id]/actions.ts';
import { useSend } from '#app/(console)/rotations/[id]/use-send.ts';

const atOnce = { resume: resumeAction, retry: retryAction, try_now: tryNowAction };

/** The actions as buttons. Those with consequences are asked about first; the others are done at once. */
export function ActionButtons({
  rotationId,
  actions,
  ask,
}: {
  rotationId: string;
  actions: readonly Offered[];
  ask(action: Asked): void;
}) {
  const { busy, error, send, stepUp } = useSend();

  function click(action: Offered) {
    if (!isAsked(action)) {
      send(() => atOnce[action](rotationId));
    } else {
      ask(action);
    }
  }

  return (
    <div>
      {error !== null && (
        <p role="alert" className="mb-2 text-bad">
          {error}
        </p>
      )}
      <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
        {actions.map((action) => (
          <Button
            key={action}
            look={action === 'break_glass' ? 'danger' : 'plain'}
            disabled={busy}
            className="max-sm:px-2"
            onClick={() => click(action)}
          >
            {actionWords[action].label}
          </Button>
        ))}
      </div>
      {stepUp}
    </div>
  );
}
