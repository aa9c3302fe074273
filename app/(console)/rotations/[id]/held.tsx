'use client';

import { useRef, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { resumeAction } from '#app/(console)/rotations/[id]/actions.ts';

/** Why a rotation waits for a person, and what to do. */
export function Held({
  rotationId,
  hold,
  mayAct,
  takesRole,
}: {
  rotationId: string;
  hold: NonNullable<RotationProgress['hold']>;
  mayAct: boolean;
  takesRole: string;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const sent = useRef(false);

  async function resume() {
    if (sent.current) {
      return;
    }
    sent.current = true;
    setBusy(true);
    const answer = await resumeAction(rotationId).catch(() => null);
    sent.current = false;
    setBusy(false);
    setError(
      answer?.ok === true ? null : (answer?.message ?? 'Rekey does not answer. Try again in a moment.'),
    );
  }

  return (
    <Notice tone="warn">
      <h2 className="font-semibold">Held: {hold.sentence}</h2>
      {hold.detail !== null && <p className="mt-1 break-words">{hold.detail}</p>}
      <p className="mt-1">{hold.next}</p>
      {error !== null && (
        <p role="alert" className="mt-2 text-bad">
          {error}
        </p>
      )}
      <div className="mt-3 mb-1">
        {mayAct ? (
          <Button onClick={resume} disabled={busy}>
            {busy ? 'Resuming…' : 'Resume'}
          </Button>
        ) : (
          <p className="text-quiet">Resuming takes the role {takesRole}; an admin can grant it.</p>
        )}
      </div>
    </Notice>
  );
}
