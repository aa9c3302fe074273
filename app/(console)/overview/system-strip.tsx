import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Ago } from '#app/_components/time.tsx';
import { systemStrip as words } from '#app/_words/overview.ts';
import type { Overview } from '#core/credentials/read-overview.ts';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      <dt className="text-sm text-quiet">{name}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-x-2">{children}</dd>
    </div>
  );
}

/** Whether what runs rotations is alive and keeps up. */
export function SystemStrip({ system: { workers, workerSeenAt, waiting } }: Pick<Overview, 'system'>) {
  return (
    <Panel title={words.title}>
      <dl className="flex flex-wrap gap-x-10 gap-y-2">
        <Fact name={words.workers}>
          {workers > 0 ? (
            <Badge tone="good" icon={CircleCheck}>
              {words.alive(workers)}
            </Badge>
          ) : (
            <Badge tone="bad" icon={CircleAlert}>
              {words.noneAlive}
            </Badge>
          )}
          {workerSeenAt !== null && (
            <span className="text-sm text-quiet">
              {fill(words.lastHeartbeat, { at: <Ago at={workerSeenAt} /> })}
            </span>
          )}
        </Fact>
        <Fact name={words.waiting}>
          <Badge tone={waiting === 0 ? 'good' : 'warn'} icon={waiting === 0 ? CircleCheck : CircleAlert}>
            {words.waits(waiting)}
          </Badge>
        </Fact>
        <Fact name={words.database}>
          <Badge tone="good" icon={CircleCheck}>
            {words.answers}
          </Badge>
        </Fact>
      </dl>
    </Panel>
  );
}
