'use client';

import { plannedMembers as words } from '#app/_words/bulk.ts';
import { graceWords } from '#app/_words/rhythm.ts';
import { gapWords, isGapFree, leavesOverlap, strategyWord } from '#app/_words/rotation.ts';
import type { BatchPlan } from '#core/rotation/batches/plan-batch.ts';

type Member = BatchPlan['members'][number];

function How({ strategy, gap, graceSeconds, graceAfterUseSeconds, approvals }: Member) {
  if (strategy === null || gap === null || graceSeconds === null) {
    return null;
  }
  const name = strategyWord(strategy);
  return (
    <span className="text-sm text-quiet sm:text-right">
      {isGapFree(strategy) ? words.noGap(name) : words.gap(name, gapWords(gap))}
      {leavesOverlap(strategy) && ` ${graceWords(graceSeconds, graceAfterUseSeconds)}`}
      {approvals > 0 && ` ${words.waits(approvals)}`}
    </span>
  );
}

function Names({ members }: { members: readonly Member[] }) {
  return (
    <ol className="mt-2 divide-y divide-line rounded-md border border-line">
      {members.map((member) => (
        <li
          key={member.credentialId}
          className="grid gap-x-4 px-3 py-2 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]"
        >
          <span className="min-w-0">
            <span className="font-medium [overflow-wrap:anywhere]">{member.credential}</span>
            <span className="block text-sm [overflow-wrap:anywhere] text-quiet">
              {member.environment} · {member.issuer}
            </span>
          </span>
          {member.refusal === null ? (
            <How {...member} />
          ) : (
            <span className="text-sm text-warn sm:text-right">{member.refusal.sentence}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

/** Every credential by name: how it is rotated, or why it is not. */
export function PlannedMembers({ members }: { members: readonly Member[] }) {
  const starting = members.filter(({ refusal }) => refusal === null);
  const left = members.filter(({ refusal }) => refusal !== null);
  return (
    <>
      {starting.length > 0 && (
        <section>
          <h3 className="font-semibold">{words.rotated}</h3>
          <Names members={starting} />
        </section>
      )}
      {left.length > 0 && (
        <section>
          <h3 className="font-semibold">{words.left}</h3>
          <Names members={left} />
        </section>
      )}
    </>
  );
}
