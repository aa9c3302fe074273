'use client';

import { CircleCheck } from 'lucide-react';
import { useId, useState } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { inputClass } from '#app/_components/field.tsx';
import { fill } from '#app/_components/fill.tsx';
import { TableBox, Td, Th } from '#app/_components/table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { pickTable as words } from '#app/_words/import.ts';
import type { Result } from '#app/(console)/credentials/new/pick-result.ts';
import type { BrowsedRow } from '#core/issuers/browse-issuer.ts';

/** The live secrets of one row, with what the issuer says of their age and use. */
function Secrets({ secrets }: Pick<BrowsedRow, 'secrets'>) {
  if (secrets.length === 0) {
    return <span className="text-quiet">{words.noSecrets}</span>;
  }
  return (
    <ul className="flex flex-col gap-1">
      {secrets.map(({ externalId, createdAt, lastUsedAt }) => (
        <li key={externalId} className="flex flex-wrap gap-x-2">
          <code className="font-mono text-[0.8125rem] break-all">{externalId}</code>
          <span className="text-quiet">
            {fill(words.facts, {
              age: createdAt === null ? words.ageUnknown : fill(words.made, { when: <Ago at={createdAt} /> }),
              use:
                lastUsedAt === null ? words.noUse : fill(words.lastUsed, { when: <Ago at={lastUsedAt} /> }),
            })}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Whether Rekey manages it, or why it cannot be picked. */
function Here({ item, done }: { item: BrowsedRow; done: { id: string; name: string } | null }) {
  const here = done ?? item.here;
  if (here !== null) {
    return (
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge tone="good" icon={CircleCheck}>
          {done === null ? words.alreadyHere : words.imported}
        </Badge>
        <TextLink href={`/credentials/${here.id}`}>{here.name}</TextLink>
      </span>
    );
  }
  return item.isComplete ? (
    <span className="text-quiet">{words.notYet}</span>
  ) : (
    <span className="text-quiet">{words.notYetByHand}</span>
  );
}

/** Everything the issuer has, with a filter; what Rekey manages already cannot be picked again. */
export function PickTable({
  items,
  more,
  picked,
  results,
  locked,
  toggle,
}: {
  items: readonly BrowsedRow[];
  more: number;
  picked: readonly number[];
  results: ReadonlyMap<number, Result>;
  /** Nothing can be picked while it is sent. */
  locked: boolean;
  toggle: (index: number) => void;
}) {
  const filterId = useId();
  const [filter, setFilter] = useState('');
  const typed = filter.toLowerCase().trim();
  const shown = [...items.entries()].filter(([, { label, here }]) =>
    `${label} ${here?.name ?? ''}`.toLowerCase().includes(typed),
  );
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pb-3 sm:px-5">
        <label htmlFor={filterId} className="text-sm font-medium">
          {words.filter}
        </label>
        <input
          id={filterId}
          type="search"
          value={filter}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setFilter(event.target.value)}
          className={`${inputClass} max-w-72`}
        />
        <p aria-live="polite" className="text-sm text-quiet">
          {words.counts({ shown: shown.length, all: items.length, picked: picked.length, more })}
        </p>
      </div>
      <TableBox label={words.title} className="max-h-96 overflow-y-auto border-line border-t">
        <table className="w-full">
          <thead>
            <tr>
              <Th className="sm:pl-5">{words.pick}</Th>
              <Th>{words.secrets}</Th>
              <Th>{words.here}</Th>
            </tr>
          </thead>
          <tbody>
            {shown.map(([index, item]) => {
              const result = results.get(index);
              const done = result?.state === 'done' ? result : null;
              return (
                <tr key={index} className="border-line border-t">
                  <Td className="sm:pl-5">
                    <label className="flex min-h-6 gap-2.5 font-medium">
                      <input
                        type="checkbox"
                        checked={picked.includes(index)}
                        disabled={locked || done !== null || item.here !== null || !item.isComplete}
                        onChange={() => toggle(index)}
                        className="mt-0.5 size-5 shrink-0 accent-accent pointer-coarse:size-6"
                      />
                      <span className="min-w-0 break-words">{item.label}</span>
                    </label>
                  </Td>
                  <Td className="min-w-48 text-sm">
                    <Secrets secrets={item.secrets} />
                  </Td>
                  <Td className="text-sm whitespace-nowrap">
                    <Here item={item} done={done} />
                  </Td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {shown.length === 0 && (
          <p className="px-4 py-6 text-center text-quiet sm:px-5">
            {items.length === 0 ? words.nothing : words.nothingFits}
          </p>
        )}
      </TableBox>
    </>
  );
}
