import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Ago } from '#app/_components/time.tsx';
import { count } from '#app/_words/rotation.ts';
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
    <Panel title="System">
      <dl className="flex flex-wrap gap-x-10 gap-y-2">
        <Fact name="Workers">
          {workers > 0 ? (
            <Badge tone="good" icon={CircleCheck}>
              {workers} alive
            </Badge>
          ) : (
            <Badge tone="bad" icon={CircleAlert}>
              None alive
            </Badge>
          )}
          {workerSeenAt !== null && (
            <span className="text-sm text-quiet">
              last heartbeat <Ago at={workerSeenAt} />
            </span>
          )}
        </Fact>
        <Fact name="Waiting for a worker">
          <Badge tone={waiting === 0 ? 'good' : 'warn'} icon={waiting === 0 ? CircleCheck : CircleAlert}>
            {waiting === 0 ? 'Nothing' : count(waiting, 'rotation')}
          </Badge>
        </Fact>
        <Fact name="Database">
          <Badge tone="good" icon={CircleCheck}>
            Answers
          </Badge>
        </Fact>
      </dl>
    </Panel>
  );
}
