'use client';

import { RefreshCw } from 'lucide-react';
import { usePathname, useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import { rotateButton as words } from '#app/_words/credential.ts';
import type { RotateSheetProps } from '#app/(console)/credentials/[id]/rotate-sheet.tsx';

const sheet = onDemand<RotateSheetProps>(
  async () => (await import('#app/(console)/credentials/[id]/rotate-sheet.tsx')).RotateSheet,
);

/** The Rotate button and its sheet. */
export function RotateDialog(credential: { credentialId: string; name: string; nextVersion: number }) {
  const [open, setOpen] = useState(false);
  const path = usePathname();
  const asked = useSearchParams().get('act') === 'rotate';

  // The palette leads here with the sheet open. The address forgets it at once, so that a reload does not open it again.
  useEffect(() => {
    if (asked) {
      window.history.replaceState(null, '', path);
      setOpen(true);
    }
  }, [asked, path]);

  return (
    <>
      <Button
        look="primary"
        data-key="r"
        aria-keyshortcuts="r"
        aria-haspopup="dialog"
        onClick={({ currentTarget }) => {
          // Also where a key pressed it: the focus comes back here.
          currentTarget.focus();
          setOpen(true);
        }}
        onPointerEnter={sheet.load}
        onFocus={sheet.load}
      >
        <RefreshCw aria-hidden className="size-4" />
        {words.rotate}
      </Button>
      <Once open={open}>
        <sheet.Part {...credential} open={open} change={setOpen} />
      </Once>
    </>
  );
}
