'use client';

import { useId, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { verifyPanel as words } from '#app/_words/audit.ts';
import { common } from '#app/_words/common.ts';
import { Found } from '#app/(console)/audit/verify/found.tsx';
import type { Frame } from '#app/(console)/audit/verify/frames.ts';
import { readFrames } from '#app/(console)/audit/verify/read-frames.ts';
import type { Role } from '#core/access/actor.ts';

function Answer({ frame }: { frame: Frame }) {
  if ('problem' in frame) return <Notice tone="bad">{frame.problem}</Notice>;
  return 'found' in frame ? <Found found={frame.found} /> : null;
}

function Bar({ frame }: { frame: Frame | null }) {
  const id = useId();
  const progress = frame !== null && 'progress' in frame ? frame.progress : null;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm text-quiet">
        {progress === null
          ? words.reading
          : words.progress(progress.events.toLocaleString('en'), progress.of.toLocaleString('en'))}
      </label>
      <progress
        id={id}
        className="h-2 w-full max-w-md accent-accent"
        {...(progress === null ? {} : { value: progress.events, max: progress.of })}
      />
    </div>
  );
}

/** Verifies the audit log while somebody looks on. */
export function VerifyPanel({ may, roles }: { may: boolean; roles: readonly Role[] }) {
  const [busy, setBusy] = useState(false);
  const [frame, setFrame] = useState<Frame | null>(null);

  async function verify() {
    setBusy(true);
    setFrame(null);
    await readFrames(setFrame).catch(() => setFrame({ problem: common.noAnswer }));
    setBusy(false);
  }

  return (
    <div className="mb-6">
      <Panel
        title={words.title}
        aside={
          may && (
            <Button onClick={verify} disabled={busy}>
              {busy ? words.verifying : words.verify}
            </Button>
          )
        }
      >
        <p className="mb-3 max-w-3xl text-sm text-quiet">
          {words.about} {!may && words.whoMay(roles)}
        </p>
        {busy && <Bar frame={frame} />}
        <div role="status">{!busy && frame !== null && <Answer frame={frame} />}</div>
      </Panel>
    </div>
  );
}
