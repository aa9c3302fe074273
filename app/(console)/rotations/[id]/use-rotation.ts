'use client';

import { useEffect, useState } from 'react';
import { watchPresence } from '#app/_components/presence.ts';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';

/**
 * `reconnecting`: the browser tries again by itself. `resting`: nobody is at the page, and it goes on once somebody is.
 * `lost`: it has given up, as it does when the session ended.
 */
export type Line = 'live' | 'reconnecting' | 'resting' | 'lost';

/** A stream that is opened anew at once, as happens every few minutes, is no news. */
const PATIENCE_MS = 1500;

function useIsThere(): boolean {
  const [isThere, setIsThere] = useState(true);
  useEffect(() => watchPresence(setIsThere).stop, []);
  return isThere;
}

/** A rotation as it goes on, until it has an outcome. */
export function useRotation(initial: RotationProgress): { progress: RotationProgress; line: Line } {
  const [progress, setProgress] = useState(initial);
  const [line, setLine] = useState<Line>('live');
  const isThere = useIsThere();
  const { id } = initial;
  const ended = progress.outcome !== null;

  useEffect(() => {
    if (ended || !isThere) {
      return;
    }
    let worry: ReturnType<typeof setTimeout> | undefined;
    const stream = new EventSource(`/rotations/${id}/events`);
    const isLive = () => {
      clearTimeout(worry);
      worry = undefined;
      setLine('live');
    };
    stream.onopen = isLive;
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED) {
        clearTimeout(worry);
        setLine('lost');
      } else {
        worry ??= setTimeout(() => setLine('reconnecting'), PATIENCE_MS);
      }
    };
    stream.addEventListener('rotation', (event) => setProgress(JSON.parse(event.data) as RotationProgress));
    return () => {
      clearTimeout(worry);
      stream.close();
    };
  }, [id, ended, isThere]);

  return { progress, line: isThere ? line : 'resting' };
}
