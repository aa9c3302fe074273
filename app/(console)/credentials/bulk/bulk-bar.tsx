'use client';

import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { count } from '#app/_components/words.ts';
import { matchAction } from '#app/(console)/credentials/bulk/actions.ts';
import { ChangeSheet } from '#app/(console)/credentials/bulk/change-sheet.tsx';
import { RotateSheet } from '#app/(console)/credentials/bulk/rotate-sheet.tsx';
import {
  ChoosePage,
  type Chosen,
  type Filter,
  useSelection,
} from '#app/(console)/credentials/bulk/selection.tsx';

/** Offers what the filter fits beyond this page, once all of the page is chosen. It says how many before they are chosen. */
function ChooseMatching({ filter }: { filter: Filter }) {
  const { page, chosen, only } = useSelection();
  const [found, setFound] = useState<readonly Chosen[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  if (!page.every(({ id }) => chosen.has(id)) || (found !== null && found.length === chosen.size)) {
    return null;
  }

  async function look() {
    setBusy(true);
    const answer = await matchAction(filter).catch(() => null);
    setBusy(false);
    setFound(answer?.ok === true ? answer.value : null);
    setProblem(answer?.ok === true ? null : (answer?.message ?? 'Rekey does not answer. Try again.'));
  }

  return (
    <>
      {found === null ? (
        <Button disabled={busy} onClick={look}>
          {busy ? 'Counting…' : 'See how many fit this filter'}
        </Button>
      ) : (
        <Button onClick={() => only(found)}>Choose all {found.length} that fit this filter</Button>
      )}
      {problem !== null && (
        <p role="alert" className="text-sm text-bad">
          {problem}
        </p>
      )}
    </>
  );
}

/** What can be done with the credentials that were chosen. It stays in view while the list scrolls. */
export function BulkBar({ policies }: { policies: readonly { id: string; name: string }[] }) {
  const { chosen, only } = useSelection();
  if (chosen.size === 0) {
    return null;
  }
  const all = [...chosen.values()];
  return (
    <section
      aria-label="What was chosen"
      className="sticky bottom-20 z-20 mt-4 flex flex-wrap items-center gap-2 rounded-lg border border-accent bg-surface px-4 py-2.5 shadow-lg md:bottom-4"
    >
      <p className="mr-auto text-sm font-medium">{count(chosen.size, 'credential')} chosen</p>
      <RotateSheet chosen={all} />
      <ChangeSheet kind="assign" chosen={all} policies={policies} />
      <ChangeSheet kind="pause" chosen={all} policies={policies} />
      <Button onClick={() => only([])}>Clear</Button>
    </section>
  );
}

/** The line above the list, from which all of a page are chosen, and all that fit. */
export function ChooseLine({ filter, more }: { filter: Filter; more: boolean }) {
  return (
    <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2">
      <ChoosePage />
      {more && <ChooseMatching filter={filter} />}
    </div>
  );
}
