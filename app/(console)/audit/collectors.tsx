import { CircleCheck, Clock, TriangleAlert } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Moment } from '#app/_components/time.tsx';
import { collectorList as words } from '#app/_words/audit.ts';
import type { CollectorState } from '#core/evidence/list-collector-states.ts';

function Standing({ behind, error }: CollectorState) {
  if (error !== null) {
    return (
      <Badge tone="bad" icon={TriangleAlert}>
        {words.failing}
      </Badge>
    );
  }
  return behind === 0 ? (
    <Badge tone="good" icon={CircleCheck}>
      {words.upToDate}
    </Badge>
  ) : (
    <Badge tone="quiet" icon={Clock}>
      {words.behind}
    </Badge>
  );
}

function Collector({ state }: { state: CollectorState }) {
  const { name, behind, since, sentAt, error } = state;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-line border-t py-2 first:border-t-0">
      <div className="min-w-0 flex-1 basis-60">
        <p className="[overflow-wrap:anywhere]">{name}</p>
        <p className="text-sm text-quiet [overflow-wrap:anywhere]">
          {since !== null && (
            <>
              {behind === 1
                ? fill(words.waitingOne, { since: <Moment at={since} /> })
                : fill(words.waiting, {
                    events: behind.toLocaleString('en'),
                    since: <Moment at={since} />,
                  })}{' '}
            </>
          )}
          {sentAt === null ? words.neverSent : fill(words.sentLast, { at: <Moment at={sentAt} /> })}
          {error !== null && ` ${error} ${words.triedAgain}`}
        </p>
      </div>
      <Standing {...state} />
    </li>
  );
}

/** Where the log is streamed to, and how far. Nothing where it is streamed nowhere. */
export function Collectors({ collectors }: { collectors: readonly CollectorState[] }) {
  if (collectors.length === 0) {
    return null;
  }
  return (
    <div className="mb-6">
      <Panel title={words.title}>
        <ul>
          {collectors.map((state) => (
            <Collector key={state.name} state={state} />
          ))}
        </ul>
      </Panel>
    </div>
  );
}
