'use client';

import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { places } from '#app/_components/places.ts';
import { common } from '#app/_words/common.ts';
import { keysDialog as words } from '#app/_words/frame.ts';

const others = [
  { keys: [words.ctrl, 'K'], does: words.palette },
  { keys: ['/'], does: words.search },
  { keys: ['j'], does: words.nextRow },
  { keys: ['k'], does: words.rowBefore },
  { keys: ['r'], does: words.rotate },
  { keys: ['?'], does: words.theseKeys },
];

function Key({ children }: { children: string }) {
  return (
    <kbd className="inline-flex min-w-6 justify-center rounded border border-line bg-raised px-1.5 font-mono text-xs leading-5">
      {children}
    </kbd>
  );
}

function Line({ keys, does }: { keys: readonly string[]; does: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4 py-1">
      <dt>{does}</dt>
      <dd className="flex shrink-0 gap-1">
        {keys.map((key) => (
          <Key key={key}>{key}</Key>
        ))}
      </dd>
    </div>
  );
}

export interface KeysDialogProps {
  open: boolean;
  change(open: boolean): void;
  /** Whether single keys work. */
  single: boolean;
  turn(single: boolean): void;
}

/** The list of the keys. */
export function KeysDialog({ open, change, single, turn }: KeysDialogProps) {
  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 flex-col gap-3 overflow-y-auto rounded-lg border border-line bg-surface p-5 shadow-xl">
          <div className="flex items-start justify-between gap-4">
            <Dialog.Title className="text-lg font-semibold">{words.title}</Dialog.Title>
            <Dialog.Close
              aria-label={common.close}
              className="-mr-1.5 inline-flex size-9 items-center justify-center rounded-md text-quiet hover:bg-raised hover:text-ink"
            >
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </div>
          <dl className="text-sm">
            {others.map((line) => (
              <Line key={line.does} {...line} />
            ))}
            {places.map(({ key, label }) =>
              key === undefined ? null : <Line key={label} keys={['g', key]} does={words.goTo(label)} />,
            )}
          </dl>
          <label className="flex gap-2.5 border-line border-t pt-3 text-sm">
            <input
              type="checkbox"
              checked={single}
              onChange={(event) => turn(event.target.checked)}
              className="mt-0.5 size-5 shrink-0 accent-accent pointer-coarse:size-6"
            />
            {words.single}
          </label>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
