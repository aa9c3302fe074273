'use client';

import { RefreshCw } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import { rotateSecret as words } from '#app/_words/developer-tools.ts';
import type { SheetProps } from '#app/(console)/developer-tools/[id]/rotate-secret-sheet.tsx';

const sheet = onDemand<SheetProps>(
  async () => (await import('#app/(console)/developer-tools/[id]/rotate-secret-sheet.tsx')).RotateSecretSheet,
);

/** The Rotate button of an API client. */
export function RotateSecret({ clientId, name }: { clientId: string; name: string }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);

  function change(opens: boolean) {
    setOpen(opens);
    router.refresh();
  }

  return (
    <>
      <Button
        look="primary"
        aria-haspopup="dialog"
        onClick={() => change(true)}
        onPointerEnter={sheet.load}
        onFocus={sheet.load}
      >
        <RefreshCw aria-hidden className="size-4" />
        {words.rotate}
      </Button>
      <Once open={open}>
        <sheet.Part clientId={clientId} name={name} open={open} change={change} />
      </Once>
    </>
  );
}
