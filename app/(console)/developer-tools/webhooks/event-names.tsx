'use client';

import { endpointFields as words } from '#app/_words/webhooks.ts';

/** Every event there is, to choose from. */
export function EventNames({ names }: { names: readonly string[] }) {
  const nouns = [...new Set(names.map((name) => name.replace(/\..*/, '')))];
  return (
    <details className="text-sm">
      <summary className="min-h-6 cursor-pointer pointer-coarse:min-h-11">{words.allEvents}</summary>
      <dl className="mt-2 flex flex-col gap-2">
        {nouns.map((noun) => (
          <div key={noun}>
            <dt className="font-mono">{noun}.*</dt>
            <dd className="font-mono break-words text-quiet">
              {names.filter((name) => name.startsWith(`${noun}.`)).join(', ')}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
