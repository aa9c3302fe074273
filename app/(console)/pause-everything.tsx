import { PauseControl } from '#app/_components/pause-control.tsx';
import { pauseEverythingAction, unpauseEverythingAction } from '#app/(console)/pause-actions.ts';

/** The big switch. */
export function PauseEverything({ paused }: { paused: boolean }) {
  return (
    <PauseControl
      what="everything"
      paused={paused}
      pause={pauseEverythingAction}
      unpause={unpauseEverythingAction}
    />
  );
}
