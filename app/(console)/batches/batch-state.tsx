'use client';

import { CircleCheck, CircleStop, LoaderCircle, TriangleAlert } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { batchState as words } from '#app/_words/batches.ts';

/** Where a batch stands. One that ended with failures says so. */
export function BatchState({
  state,
  failed,
}: {
  state: 'running' | 'stopped' | 'completed';
  failed: number;
}) {
  switch (state) {
    case 'running':
      return (
        <Badge tone="busy" icon={LoaderCircle} spins>
          {words.running}
        </Badge>
      );
    case 'stopped':
      return (
        <Badge tone="warn" icon={CircleStop}>
          {words.stopped}
        </Badge>
      );
    default:
      return failed === 0 ? (
        <Badge tone="good" icon={CircleCheck}>
          {words.completed}
        </Badge>
      ) : (
        <Badge tone="warn" icon={TriangleAlert}>
          {words.completedWithFailures(failed)}
        </Badge>
      );
  }
}
