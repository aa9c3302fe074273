'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import { revealButton as words } from '#app/_words/reveal.ts';
import type { Asking, RevealDialogProps } from '#app/(console)/credentials/[id]/reveal-dialog.tsx';

const dialog = onDemand<RevealDialogProps>(
  async () => (await import('#app/(console)/credentials/[id]/reveal-dialog.tsx')).RevealDialog,
);

/** The button that asks to have a value shown. */
export function RevealButton(asking: Asking) {
  const router = useRouter();
  const [open, setOpen] = useState(false);

  function change(opens: boolean) {
    setOpen(opens);
    if (!opens) {
      // Not while it is open: the page drawn anew has nothing to reveal any more, and would take the dialog with it.
      router.refresh();
    }
  }

  return (
    <>
      <Button
        aria-haspopup="dialog"
        onClick={() => change(true)}
        onPointerEnter={dialog.load}
        onFocus={dialog.load}
      >
        {words.reveal(asking.version)}
      </Button>
      <Once open={open}>
        <dialog.Part asking={asking} open={open} change={change} />
      </Once>
    </>
  );
}
