'use client';

import clsx from 'clsx';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { barButton } from '#app/_components/menu-look.ts';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import type { PaletteDialogProps } from '#app/_components/palette-dialog.tsx';
import type { Act } from '#app/_components/palette-items.ts';
import { onOpen, openPalette } from '#app/_components/shortcuts.ts';
import { palette as words } from '#app/_words/frame.ts';

const dialog = onDemand<PaletteDialogProps>(
  async () => (await import('#app/_components/palette-dialog.tsx')).PaletteDialog,
);

/** Goes to anything by its name, and opens the question before an act. Opens with Ctrl K. */
export function Palette({ may }: { may: readonly Act[] }) {
  const [open, setOpen] = useState(false);
  useEffect(() => onOpen('palette', () => setOpen(true)), []);
  return (
    <>
      <button
        type="button"
        onClick={openPalette}
        onPointerEnter={dialog.load}
        onFocus={dialog.load}
        aria-keyshortcuts="Control+K Meta+K"
        className={clsx(barButton, 'justify-between sm:min-w-44')}
      >
        <span className="inline-flex items-center gap-2">
          <Search aria-hidden className="size-4" />
          <span className="max-sm:sr-only">{words.open}</span>
        </span>
        <kbd aria-hidden className="rounded border border-line px-1 font-mono text-xs max-sm:hidden">
          {words.keys}
        </kbd>
      </button>
      <Once open={open}>
        <dialog.Part may={may} open={open} change={setOpen} />
      </Once>
    </>
  );
}
