'use client';

import { Dialog } from '@base-ui/react/dialog';
import { type ReactNode, useRef } from 'react';

/** Asks before an act with consequences. Nothing in it is done by default: the focus begins at its title. */
export function QuestionDialog({
  title,
  open,
  change,
  children,
}: {
  title: string;
  open: boolean;
  change(open: boolean): void;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup
          initialFocus={heading}
          className="fixed inset-x-0 bottom-0 z-50 flex max-h-dvh flex-col rounded-t-lg border-line bg-surface shadow-xl sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:max-h-[calc(100dvh-4rem)] sm:w-full sm:max-w-lg sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-lg sm:border"
        >
          <Dialog.Title
            ref={heading}
            tabIndex={-1}
            className="px-5 pt-4 pb-3 text-lg font-semibold break-words outline-none"
          >
            {title}
          </Dialog.Title>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
