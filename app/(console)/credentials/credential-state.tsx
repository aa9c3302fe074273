import { CircleCheck, CirclePause, Clock, Eye } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Overlapping } from '#app/_components/overlapping.tsx';
import { RotationState } from '#app/_components/rotation-state.tsx';
import { TimeLeft } from '#app/_components/time.tsx';
import { credentialState as words } from '#app/_words/credentials.ts';
import type { FoundCredential } from '#core/credentials/search-credentials.ts';
import { holdSentence } from '#core/rotation/holds.ts';

type Shown = Pick<FoundCredential, 'open' | 'state' | 'paused'>;

function Health({ open, state }: Shown) {
  if (open !== null) {
    const { hold, paused, phase, direction, overlapEndsAt } = open;
    return state === 'overlap' && paused === null && overlapEndsAt !== null ? (
      <>
        <Overlapping until={overlapEndsAt} />
        <span className="text-sm text-quiet">
          {fill(words.overlapLeft, { time: <TimeLeft until={overlapEndsAt} /> })}
        </span>
      </>
    ) : (
      <RotationState
        rotation={{ phase, direction, hold: hold === null ? null : holdSentence(hold), paused }}
      />
    );
  }
  switch (state) {
    case 'overdue':
      return (
        <Badge tone="warn" icon={Clock}>
          {words.overdue}
        </Badge>
      );
    case 'drifted':
      return (
        <Badge tone="warn" icon={Eye}>
          {words.finding}
        </Badge>
      );
    case 'paused':
      return null;
    default:
      return (
        <Badge tone="good" icon={CircleCheck}>
          {words.ok}
        </Badge>
      );
  }
}

/** Where a credential stands: its open rotation, what is wrong with it, or OK; and whether it is paused. */
export function CredentialState(shown: Shown) {
  return (
    <span className="inline-flex flex-col items-start gap-1 @max-table:items-end">
      <Health {...shown} />
      {shown.paused && (
        <Badge tone="quiet" icon={CirclePause}>
          {words.paused}
        </Badge>
      )}
    </span>
  );
}
