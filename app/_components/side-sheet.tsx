'use client';

import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { common } from '#app/_words/common.ts';

/**
 * At the right side, on phones and other narrow screens the whole of them. The focus begins at its title, so that nothing in it is done
 * by default. With `keeps`, a click beside it does not close it.
 */
export function SideSheet({
  title,
  open,
  change,
  keeps = false,
  trigger,
  children,
}: {
  title: string;
  open: boolean;
  change(open: boolean): void;
  keeps?: boolean;
  trigger?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <Dialog.Root open={open} onOpenChange={change} disablePointerDismissal={keeps}>
      {trigger}
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0 motion-reduce:transition-none" />
        <Dialog.Popup
          initialFocus={heading}
          className="fixed inset-y-0 right-0 z-50 flex w-full flex-col bg-surface shadow-xl transition-transform duration-200 ease-out data-ending-style:translate-x-full data-starting-style:translate-x-full motion-reduce:transition-none min-[900px]:max-w-xl min-[900px]:border-line min-[900px]:border-l"
        >
          <div className="flex items-start justify-between gap-4 border-line border-b px-5 py-4">
            <Dialog.Title
              ref={heading}
              tabIndex={-1}
              className="min-w-0 text-lg font-semibold break-words outline-none"
            >
              {title}
            </Dialog.Title>
            <Dialog.Close
              aria-label={common.close}
              className="-mr-1.5 inline-flex size-9 shrink-0 items-center justify-center rounded-md text-quiet hover:bg-raised hover:text-ink"
            >
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
