'use client';

import { useRouter } from 'next/navigation';
import { useId, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import type { ConfirmDialogProps, Confirming } from '#app/_components/confirm-dialog.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';

const dialog = onDemand<ConfirmDialogProps>(
  async () => (await import('#app/_components/confirm-dialog.tsx')).ConfirmDialog,
);

/** A button that asks before it acts; where it cannot act, it is off and says why. */
export function ConfirmButton({
  label,
  name,
  off = null,
  className,
  ...confirming
}: Confirming & {
  label: string;
  /** Heard behind the label, where what it is about is not seen. */
  name: string;
  off?: string | null;
  className?: string;
}) {
  const router = useRouter();
  const why = useId();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        aria-haspopup="dialog"
        aria-describedby={off === null ? undefined : why}
        disabled={off !== null}
        onClick={() => setOpen(true)}
        onPointerEnter={dialog.load}
        onFocus={dialog.load}
        className={className}
      >
        {label}
        <span className="sr-only"> {name}</span>
      </Button>
      {off !== null && (
        <span id={why} className="text-sm text-quiet">
          {off}
        </span>
      )}
      <Once open={open}>
        <dialog.Part {...confirming} open={open} change={setOpen} onDone={() => router.refresh()} />
      </Once>
    </>
  );
}
