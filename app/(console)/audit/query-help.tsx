'use client';

import { fill } from '#app/_components/fill.tsx';
import { queryHelp as words } from '#app/_words/audit.ts';

/** What a question can consist of. */
export function QueryHelp({ qualifiers, id }: { qualifiers: Readonly<Record<string, string>>; id: string }) {
  return (
    <div id={id} className="rounded-lg border border-line bg-surface p-4 text-sm">
      <p>{words.parts}</p>
      <dl className="mt-3 grid gap-x-4 gap-y-1.5 sm:grid-cols-[auto_1fr]">
        {Object.entries(qualifiers).map(([name, told]) => (
          <div key={name} className="contents">
            <dt>
              <code className="font-mono text-[0.8125rem]">{name}:</code>
            </dt>
            <dd className="text-quiet [overflow-wrap:anywhere] max-sm:mb-1.5">{told}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3">
        {fill(words.quotes, { example: <code className="font-mono">{words.quotesExample}</code> })}{' '}
        {words.keys}
      </p>
    </div>
  );
}
