'use client';

import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Once, onDemand } from '#app/_components/on-demand.tsx';
import { common } from '#app/_words/common.ts';
import { credentialChoice as words } from '#app/_words/credentials.ts';
import { matchAction } from '#app/(console)/credentials/bulk/actions.ts';
import type { BulkActsProps } from '#app/(console)/credentials/bulk/bulk-acts.tsx';
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
    setProblem(answer?.ok === true ? null : (answer?.message ?? common.noAnswer));
  }

  return (
    <>
      {found === null ? (
        <Button disabled={busy} onClick={look}>
          {busy ? words.counting : words.seeMatching}
        </Button>
      ) : (
        <Button onClick={() => only(found)}>{words.matching(found.length)}</Button>
      )}
      {problem !== null && (
        <p role="alert" className="text-sm text-bad">
          {problem}
        </p>
      )}
    </>
  );
}

const acts = onDemand<BulkActsProps>(
  async () => (await import('#app/(console)/credentials/bulk/bulk-acts.tsx')).BulkActs,
);

/** What can be done with the credentials that were chosen, once one is. */
export function BulkBar({ policies }: Pick<BulkActsProps, 'policies'>) {
  const { chosen, only } = useSelection();
  return (
    <Once open={chosen.size > 0}>
      <acts.Part chosen={[...chosen.values()]} clear={() => only([])} policies={policies} />
    </Once>
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
