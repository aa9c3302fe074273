'use client';

import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import { buttonClass } from '#app/_components/button.tsx';
import { SideSheet } from '#app/_components/side-sheet.tsx';

/** A button and the sheet that it opens. */
export function Sheet({
  button,
  title,
  open,
  onOpen,
  children,
}: {
  button: ReactNode;
  title: string;
  open: boolean;
  onOpen(open: boolean): void;
  children: ReactNode;
}) {
  const trigger = <Dialog.Trigger className={buttonClass()}>{button}</Dialog.Trigger>;
  return (
    <SideSheet title={title} open={open} change={onOpen} trigger={trigger}>
      {children}
    </SideSheet>
  );
}
