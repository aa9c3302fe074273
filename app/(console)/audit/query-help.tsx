'use client';

/** What a question can consist of. */
export function QueryHelp({ qualifiers, id }: { qualifiers: Readonly<Record<string, string>>; id: string }) {
  return (
    <div id={id} className="rounded-lg border border-line bg-surface p-4 text-sm">
      <p>
        Every part of the question must hold. Several parts with the same name mean any of them. What has no
        name in front is searched for as text: each word is the beginning of a word in the event, such as the
        name of a target, a reason or an error.
      </p>
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
        Values with spaces stand in double quotes: <code className="font-mono">actor:"Anna Smith"</code>. In
        the table the arrow keys, J and K move from event to event, and Enter opens one.
      </p>
    </div>
  );
}
