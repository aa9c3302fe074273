'use client';

import { Dialog } from '@base-ui/react/dialog';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useRef } from 'react';
import { TextLink } from '#app/_components/text-link.tsx';
import { eventSheet as words } from '#app/_words/audit.ts';
import { common } from '#app/_words/common.ts';
import { sentenceOf } from '#app/_words/events.ts';
import { EventDetails } from '#app/(console)/audit/event-details.tsx';
import type { AuditRow } from '#core/evidence/list-audit-events.ts';

const iconButton =
  'inline-flex size-9 shrink-0 items-center justify-center rounded-md text-quiet hover:bg-raised hover:text-ink disabled:opacity-40 pointer-coarse:size-11';

export interface SheetProps {
  event: AuditRow | null;
  /** Rotations that the reader may roll back now. */
  undoable: readonly string[];
  isOpen: boolean;
  close: () => void;
  /** Shows the event before or after in the table; undefined at its ends. */
  up: (() => void) | undefined;
  down: (() => void) | undefined;
  /** The row that gets the focus back. */
  row: () => HTMLElement | null;
}

/** One event at the side of the table, on phones over the whole screen. */
export function EventSheet({ event, undoable, isOpen, close, up, down, row }: SheetProps) {
  const title = useRef<HTMLHeadingElement>(null);
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0 motion-reduce:transition-none" />
        <Dialog.Popup
          initialFocus={title}
          finalFocus={() => row() ?? true}
          onKeyDown={({ key }) => {
            const move = key === 'j' ? down : key === 'k' ? up : undefined;
            move?.();
          }}
          className="fixed inset-y-0 right-0 z-50 flex w-full flex-col bg-surface shadow-xl transition-transform duration-200 ease-out data-ending-style:translate-x-full data-starting-style:translate-x-full motion-reduce:transition-none sm:max-w-xl sm:border-line sm:border-l"
        >
          {event !== null && (
            <>
              <div className="flex items-start justify-between gap-2 border-line border-b px-5 py-4">
                <Dialog.Title
                  ref={title}
                  tabIndex={-1}
                  className="min-w-0 flex-1 text-lg font-semibold break-words outline-none"
                >
                  {sentenceOf(event.action, event.body)}
                </Dialog.Title>
                <button type="button" className={iconButton} disabled={up === undefined} onClick={up}>
                  <ChevronUp aria-hidden className="size-4" />
                  <span className="sr-only">{words.above}</span>
                </button>
                <button type="button" className={iconButton} disabled={down === undefined} onClick={down}>
                  <ChevronDown aria-hidden className="size-4" />
                  <span className="sr-only">{words.below}</span>
                </button>
                <Dialog.Close aria-label={common.close} className={iconButton}>
                  <X aria-hidden className="size-4" />
                </Dialog.Close>
              </div>
              <div className="flex-1 overflow-y-auto overscroll-contain px-5 py-4">
                <EventDetails event={event} undoable={undoable} />
                <TextLink href={`/audit/events/${event.id}`} className="mt-5 text-sm">
                  {words.ownPage}
                </TextLink>
              </div>
            </>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
