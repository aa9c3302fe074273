import { CirclePause, Hourglass, LoaderCircle, Undo2, UserRound } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { phaseWord } from '#app/_words/rotation.ts';
import { rotationState as words } from '#app/_words/rotation-state.ts';

interface Open {
  phase: string;
  direction: string;
  /** The sentence why it is held; null while it goes on. */
  hold: string | null;
  /** What is paused, so that it waits; null while it goes on. */
  paused: string | null;
}

/** Where an open rotation stands: held and why, paused, going back, waiting for a person, or the phase it is in. */
export function RotationState({ rotation: { phase, direction, hold, paused } }: { rotation: Open }) {
  const back = direction === 'back';
  if (hold !== null) {
    return (
      <Badge tone="warn" icon={CirclePause}>
        {back ? words.backHeld(hold) : words.held(hold)}
      </Badge>
    );
  }
  if (paused !== null) {
    return (
      <Badge tone="quiet" icon={CirclePause}>
        {back ? words.backPaused(phaseWord(phase)) : words.paused(phaseWord(phase))}
      </Badge>
    );
  }
  if (back) {
    return (
      <Badge tone="warn" icon={Undo2}>
        {words.back(phaseWord(phase))}
      </Badge>
    );
  }
  if (phase === 'await_secret') {
    return (
      <Badge tone="warn" icon={UserRound}>
        {words.waitsForSecret}
      </Badge>
    );
  }
  return phase === 'overlap' ? (
    <Badge tone="busy" icon={Hourglass}>
      {words.overlap}
    </Badge>
  ) : (
    <Badge tone="busy" icon={LoaderCircle} spins>
      {words.rotating(phaseWord(phase))}
    </Badge>
  );
}
