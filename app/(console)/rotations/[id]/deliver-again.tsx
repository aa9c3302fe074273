'use client';

import { Button } from '#app/_components/button.tsx';
import { deliveries as words } from '#app/_words/rotation-page.ts';
import { deliverAgainAction } from '#app/(console)/rotations/[id]/actions.ts';
import { useSend } from '#app/(console)/rotations/[id]/use-send.ts';

/** Has one target delivered to again, and leaves what the others have reached as it is. */
export function DeliverAgain({
  rotationId,
  target: { bindingId, name },
}: {
  rotationId: string;
  target: { bindingId: string; name: string };
}) {
  const { busy, error, send } = useSend();
  return (
    <div className="mt-2">
      <Button
        disabled={busy}
        onClick={() => send(() => deliverAgainAction(rotationId, bindingId))}
        aria-label={words.againTo(name)}
      >
        {words.again}
      </Button>
      {error !== null && (
        <p role="alert" className="mt-1 text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
