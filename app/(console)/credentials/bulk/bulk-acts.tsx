'use client';

import { Button } from '#app/_components/button.tsx';
import { bulkActs as words } from '#app/_words/bulk.ts';
import { ChangeSheet, type Policy } from '#app/(console)/credentials/bulk/change-sheet.tsx';
import { RotateSheet } from '#app/(console)/credentials/bulk/rotate-sheet.tsx';
import type { Chosen } from '#app/(console)/credentials/bulk/selection.tsx';

export interface BulkActsProps {
  chosen: readonly Chosen[];
  clear(): void;
  policies: readonly Policy[];
}

/** The acts on what was chosen. It stays in view while the list scrolls, and goes when nothing is chosen any more. */
export function BulkActs({ chosen, clear, policies }: BulkActsProps) {
  if (chosen.length === 0) {
    return null;
  }
  return (
    <section
      aria-label={words.title}
      className="sticky bottom-20 z-20 mt-4 flex flex-wrap items-center gap-2 rounded-lg border border-accent bg-surface px-4 py-2.5 shadow-lg md:bottom-4"
    >
      <p className="mr-auto text-sm font-medium">{words.chosen(chosen.length)}</p>
      <RotateSheet chosen={chosen} />
      <ChangeSheet kind="assign" chosen={chosen} policies={policies} />
      <ChangeSheet kind="pause" chosen={chosen} policies={policies} />
      <Button onClick={clear}>{words.clear}</Button>
    </section>
  );
}
