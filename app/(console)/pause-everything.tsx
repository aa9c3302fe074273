import { PauseControl } from '#app/_components/pause-control.tsx';
import { pauseControl as words } from '#app/_words/forms.ts';
import { pauseEverythingAction, unpauseEverythingAction } from '#app/(console)/pause-actions.ts';

/** The big switch. */
export function PauseEverything({ paused }: { paused: boolean }) {
  return (
    <PauseControl
      what={words.everything}
      paused={paused}
      pause={pauseEverythingAction}
      unpause={unpauseEverythingAction}
    />
  );
}
