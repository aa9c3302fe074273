'use client';

import { CircleCheck, CircleStop, LoaderCircle, TriangleAlert } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';

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
          Running
        </Badge>
      );
    case 'stopped':
      return (
        <Badge tone="warn" icon={CircleStop}>
          Stopped
        </Badge>
      );
    default:
      return failed === 0 ? (
        <Badge tone="good" icon={CircleCheck}>
          Completed
        </Badge>
      ) : (
        <Badge tone="warn" icon={TriangleAlert}>
          Completed, {failed} failed
        </Badge>
      );
  }
}
