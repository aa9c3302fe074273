import { CircleCheck, CirclePause, LoaderCircle, UserRound } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { Overlapping } from '#app/_components/overlapping.tsx';
import { phaseWord } from '#app/_components/words.ts';
import type { CredentialRow } from '#core/credentials/list-credentials.ts';
import { holds } from '#core/rotation/holds.ts';

const whyHeld = (hold: string) =>
  Object.entries(holds).find(([name]) => name === hold)?.[1].sentence ?? `${hold}.`;

/** Where a credential stands: its open rotation, or OK. */
export function CredentialState({ open }: { open: CredentialRow['open'] }) {
  if (open === null) {
    return (
      <Badge tone="good" icon={CircleCheck}>
        OK
      </Badge>
    );
  }
  if (open.hold !== null) {
    return (
      <Badge tone="warn" icon={CirclePause}>
        Held: {whyHeld(open.hold)}
      </Badge>
    );
  }
  if (open.phase === 'overlap' && open.overlapEndsAt !== null) {
    return <Overlapping until={open.overlapEndsAt} />;
  }
  if (open.phase === 'await_secret') {
    return (
      <Badge tone="warn" icon={UserRound}>
        Rotating: waits for the new secret
      </Badge>
    );
  }
  return (
    <Badge tone="busy" icon={LoaderCircle} spins>
      Rotating: {phaseWord(open.phase)}
    </Badge>
  );
}
