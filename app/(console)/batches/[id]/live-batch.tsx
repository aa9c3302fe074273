'use client';

import { fill } from '#app/_components/fill.tsx';
import { duration } from '#app/_components/format-time.ts';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { batchPage, batchProgress as words } from '#app/_words/batches.ts';
import { BatchControl } from '#app/(console)/batches/[id]/batch-control.tsx';
import { useFreshPage } from '#app/(console)/batches/[id]/keep-fresh.ts';
import { Members } from '#app/(console)/batches/[id]/members.tsx';
import { BatchState } from '#app/(console)/batches/batch-state.tsx';
import type { Role } from '#core/access/actor.ts';
import type { BatchView } from '#core/rotation/batches/read-batch.ts';

/** Those that are rotated have their new secret in use, or never get it from here. */
function progressOf({ counts, members }: BatchView) {
  const rotated = members.length - counts.skipped;
  return { rotated, done: counts.completed + counts.overlap };
}

const others = ['working', 'needs_people', 'waiting', 'failed', 'skipped'] as const;

/** `1 at work, 3 not started`. */
const rest = ({ counts }: BatchView) =>
  others
    .filter((name) => counts[name] > 0)
    .map((name) => words.others[name](counts[name]))
    .join(', ');

function Progress({ batch }: { batch: BatchView }) {
  const { rotated, done } = progressOf(batch);
  const left = rest(batch);
  const { etaSeconds, counts, state } = batch;
  return (
    <section
      aria-label={words.title}
      className="rounded-lg border border-line bg-surface px-4 py-4 shadow-xs sm:px-5"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p className="font-semibold">{words.inUse(done, rotated)}</p>
        {etaSeconds !== null && <p className="text-sm text-quiet">{words.left(duration(etaSeconds))}</p>}
      </div>
      <div
        role="progressbar"
        aria-label={words.bar}
        aria-valuemin={0}
        aria-valuemax={rotated}
        aria-valuenow={done}
        aria-valuetext={words.barText(done, rotated)}
        className="mt-2.5 h-2 overflow-hidden rounded-full bg-raised"
      >
        <div
          className="h-full rounded-full bg-accent transition-[width] motion-reduce:transition-none"
          style={{ width: `${rotated === 0 ? 0 : (100 * done) / rotated}%` }}
        />
      </div>
      {left !== '' && <p className="mt-2 text-sm text-quiet">{left}</p>}
      {state === 'running' && counts.waiting === 0 && counts.working === 0 && counts.overlap > 0 && (
        <p className="mt-2 text-sm text-quiet">{words.nothingToStart}</p>
      )}
    </section>
  );
}

/** Read out when it changes. */
function announcement(batch: BatchView): string {
  const { rotated, done } = progressOf(batch);
  return batchPage.announcement(batch.state, done, rotated);
}

/** A batch as it goes on. Closing the page stops nothing. */
export function LiveBatch({
  batch,
  mayAct,
  takesRole,
}: {
  batch: BatchView;
  mayAct: boolean;
  takesRole: readonly Role[];
}) {
  const { counts, state, members, maxConcurrency, stopOnFailure, graceSeconds, stopWhy } = batch;
  const goesOn = state === 'running' || counts.working + counts.overlap + counts.needs_people > 0;
  useFreshPage(goesOn || state === 'stopped');
  return (
    <>
      <PageHeader
        above={<TextLink href="/batches">{batchPage.batches}</TextLink>}
        title={batch.reason}
        about={
          <>
            {stopOnFailure
              ? batchPage.stopsAtFailure(members.length, maxConcurrency)
              : batchPage.goesOnAfterFailure(members.length, maxConcurrency)}{' '}
            {batchPage.overlaps(graceSeconds)}{' '}
            {fill(batchPage.started, { person: batch.startedBy, ago: <Ago at={batch.createdAt} /> })}
          </>
        }
        actions={<BatchState state={state} failed={counts.failed} />}
      />
      <p role="status" className="sr-only">
        {announcement(batch)}
      </p>
      <div className="flex flex-col gap-6">
        {stopWhy !== null && (
          <Notice tone="warn">
            <p>{stopWhy}</p>
          </Notice>
        )}
        <Progress batch={batch} />
        {state !== 'completed' && counts.waiting > 0 && (
          <BatchControl batch={batch} mayAct={mayAct} takesRole={takesRole} />
        )}
        <Members members={members} />
        {goesOn && <p className="text-sm text-quiet">{batchPage.mayClose}</p>}
      </div>
    </>
  );
}
