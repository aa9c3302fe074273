'use client';

import { useId, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import { aboutPanel as words } from '#app/_words/manage-credential.ts';
import type { ArchiveDialogProps, Leaves } from '#app/(console)/credentials/[id]/archive-dialog.tsx';
import type { Changeable, ChangeDialogProps } from '#app/(console)/credentials/[id]/change-dialog.tsx';

const changing = onDemand<ChangeDialogProps>(
  async () => (await import('#app/(console)/credentials/[id]/change-dialog.tsx')).ChangeDialog,
);
const archiving = onDemand<ArchiveDialogProps>(
  async () => (await import('#app/(console)/credentials/[id]/archive-dialog.tsx')).ArchiveDialog,
);

/**
 * The buttons that change a credential and let go of it, each with its dialog. Without `leaves` it is not let go of; while a rotation
 * is open that button is off and says why.
 */
export function ManageCredential({
  credential,
  leaves,
  isRotating,
}: {
  credential: Changeable;
  leaves: Leaves | null;
  isRotating: boolean;
}) {
  const why = useId();
  const [open, setOpen] = useState<'change' | 'archive' | null>(null);
  return (
    <div className="mt-3 flex flex-wrap items-center gap-2">
      <Button
        aria-haspopup="dialog"
        onClick={() => setOpen('change')}
        onPointerEnter={changing.load}
        onFocus={changing.load}
      >
        {words.change}
      </Button>
      <Once open={open === 'change'}>
        <changing.Part
          credential={credential}
          open={open === 'change'}
          change={(opens) => setOpen(opens ? 'change' : null)}
        />
      </Once>
      {leaves !== null && (
        <>
          <Button
            aria-haspopup="dialog"
            aria-describedby={isRotating ? why : undefined}
            disabled={isRotating}
            onClick={() => setOpen('archive')}
            onPointerEnter={archiving.load}
            onFocus={archiving.load}
          >
            {words.archive}
          </Button>
          {isRotating && (
            <span id={why} className="text-sm text-quiet">
              {words.archiveWaits}
            </span>
          )}
          <Once open={open === 'archive'}>
            <archiving.Part
              credentialId={credential.id}
              name={credential.name}
              leaves={leaves}
              open={open === 'archive'}
              change={(opens) => setOpen(opens ? 'archive' : null)}
            />
          </Once>
        </>
      )}
    </div>
  );
}
