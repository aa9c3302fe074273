'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import type { RenameDialogProps } from '#app/_components/rename-dialog.tsx';
import { rename as words } from '#app/_words/frame.ts';

const dialog = onDemand<RenameDialogProps>(
  async () => (await import('#app/_components/rename-dialog.tsx')).RenameDialog,
);

/** A button that asks for another name of something, and gives it that. */
export function RenameButton({ name, run }: Pick<RenameDialogProps, 'name' | 'run'>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
        onPointerEnter={dialog.load}
        onFocus={dialog.load}
      >
        {words.open}
        <span className="sr-only"> {name}</span>
      </Button>
      <Once open={open}>
        <dialog.Part name={name} run={run} open={open} change={setOpen} onDone={() => router.refresh()} />
      </Once>
    </>
  );
}
