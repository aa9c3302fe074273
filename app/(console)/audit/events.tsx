'use client';

import Link from 'next/link';
import { type KeyboardEvent, type MouseEvent, useRef, useState } from 'react';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import { TableBox, Td, Th } from '#app/_components/table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import { eventTable as words } from '#app/_words/audit.ts';
import { common } from '#app/_words/common.ts';
import { objectOf, sentenceOf } from '#app/_words/events.ts';
import type { SheetProps } from '#app/(console)/audit/event-sheet.tsx';
import { Outcome } from '#app/(console)/audit/outcome.tsx';
import type { AuditRow } from '#core/evidence/list-audit-events.ts';

const sheet = onDemand<SheetProps>(
  async () => (await import('#app/(console)/audit/event-sheet.tsx')).EventSheet,
);

function ObjectOf({ event }: { event: AuditRow }) {
  const name = objectOf(event.body);
  if (event.credentialId !== null && name !== null) {
    return <TextLink href={`/credentials/${event.credentialId}`}>{name}</TextLink>;
  }
  return <>{name ?? '—'}</>;
}

/** What stands in the columns of the object and of the reason, where there is no room for them. */
function InPlaceOfColumns({ event }: { event: AuditRow }) {
  const { reason } = event.body;
  return (
    <span className="hidden text-sm @table:@max-whole:inline">
      {objectOf(event.body) !== null && (
        <>
          {' · '}
          <ObjectOf event={event} />
        </>
      )}
      {typeof reason === 'string' && ` · ${reason}`}
    </span>
  );
}

interface RowProps {
  event: AuditRow;
  open: () => void;
}

/** Opens the side; with a modifier the link does what links do. */
const opens = (open: () => void) => (click: MouseEvent) => {
  if (!click.metaKey && !click.ctrlKey && !click.shiftKey) {
    click.preventDefault();
    open();
  }
};

function Row({ event, open }: RowProps) {
  const openFromRow = (click: MouseEvent) => {
    // Links within the row go their own way, and text can be marked.
    const inLink = click.target instanceof Element && click.target.closest('a') !== null;
    if (!inLink && window.getSelection()?.isCollapsed !== false) {
      open();
    }
  };
  return (
    // The link within the row answers the keys; a click anywhere in it is for the mouse.
    <tr
      onClick={openFromRow}
      className="cursor-pointer border-line border-b last:border-b-0 focus-within:bg-raised hover:bg-raised @max-table:flex @max-table:flex-wrap @max-table:gap-x-3 @max-table:gap-y-1 @max-table:p-4"
    >
      <Td className="text-sm leading-6 @max-table:grow @max-table:p-0 @max-table:text-quiet">
        <Moment at={event.at} withSeconds />
      </Td>
      <Td className="[overflow-wrap:anywhere] @max-table:order-2 @max-table:p-0">{event.actor}</Td>
      <Td className="@max-table:order-1 @max-table:basis-full @max-table:p-0">
        <Link
          href={`/audit/events/${event.id}`}
          data-event={event.id}
          onClick={opens(open)}
          prefetch={false}
          className="inline-block min-h-6 break-words underline-offset-4 hover:underline"
        >
          {sentenceOf(event.action, event.body)}
        </Link>
        <span className="block [overflow-wrap:anywhere]">
          <code className="font-mono text-[0.8125rem] leading-6 text-quiet">{event.action}</code>
          <InPlaceOfColumns event={event} />
        </span>
      </Td>
      <Td className="[overflow-wrap:anywhere] @max-table:order-2 @max-table:p-0 @table:@max-whole:hidden">
        <ObjectOf event={event} />
      </Td>
      <Td className="@max-table:p-0">
        <Outcome outcome={event.outcome} />
      </Td>
      <Td className="[overflow-wrap:anywhere] text-sm leading-6 @max-table:order-3 @max-table:basis-full @max-table:p-0 @max-table:empty:hidden @table:@max-whole:hidden">
        {typeof event.body.reason === 'string' && event.body.reason}
      </Td>
    </tr>
  );
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/**
 * Audit events, the newest first, and one of them at the side. Where the columns have no room, each event is a block of
 * its own. The keys work while the focus is within the table only (WCAG 2.1.4).
 */
export function Events({ events, undoable }: { events: readonly AuditRow[]; undoable: readonly string[] }) {
  const table = useRef<HTMLTableElement>(null);
  // The event stays when the side closes: it is seen while it slides away, and its row gets the focus back.
  const [shown, setShown] = useState<AuditRow | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  const place = events.findIndex(({ id }) => id === shown?.id);
  const linkOf = (id: string | undefined) =>
    table.current?.querySelector<HTMLElement>(`[data-event="${id}"]`) ?? null;

  const to = (next: number) => {
    const event = events[next];
    return event === undefined ? undefined : () => setShown(event);
  };

  function onKeyDown(press: KeyboardEvent) {
    const step = press.altKey || press.ctrlKey || press.metaKey ? undefined : steps[press.key];
    const row = press.target instanceof Element ? press.target.closest('tr') : null;
    const here = row?.querySelector<HTMLElement>('[data-event]')?.dataset.event;
    if (step !== undefined && here !== undefined) {
      press.preventDefault();
      linkOf(events[events.findIndex(({ id }) => id === here) + step]?.id)?.focus();
    }
  }

  return (
    <div className="@container overflow-hidden rounded-lg border border-line bg-surface shadow-xs">
      <TableBox label={words.label}>
        <table ref={table} onKeyDown={onKeyDown} className="w-full table-fixed @max-table:block">
          <caption className="sr-only">{words.caption}</caption>
          <thead className="@max-table:sr-only">
            <tr className="border-line border-b">
              <Th className="w-40">{words.time}</Th>
              <Th className="w-36 @whole:w-48">{words.actor}</Th>
              <Th>{words.action}</Th>
              <Th className="w-32 @table:@max-whole:hidden">{words.object}</Th>
              <Th className="w-28">{words.outcome}</Th>
              <Th className="w-36 @table:@max-whole:hidden">{common.reason}</Th>
            </tr>
          </thead>
          <tbody className="@max-table:block">
            {events.map((event) => (
              <Row
                key={event.id}
                event={event}
                open={() => {
                  setShown(event);
                  setIsOpen(true);
                }}
              />
            ))}
          </tbody>
        </table>
      </TableBox>
      <Once open={isOpen}>
        <sheet.Part
          event={shown}
          undoable={undoable}
          isOpen={isOpen}
          close={() => setIsOpen(false)}
          up={shown === null ? undefined : to(place - 1)}
          down={shown === null ? undefined : to(place + 1)}
          row={() => linkOf(shown?.id)}
        />
      </Once>
    </div>
  );
}
