'use client';

import { useEffect, useState } from 'react';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';

/** `reconnecting`: the browser tries again by itself. `lost`: it has given up, as it does when the session ended. */
export type Line = 'live' | 'reconnecting' | 'lost';

/** A stream that is opened anew at once, as happens every few minutes, is no news. */
const PATIENCE_MS = 1500;

/** A rotation as it goes on, until it has an outcome. */
export function useRotation(initial: RotationProgress): { progress: RotationProgress; line: Line } {
  const [progress, setProgress] = useState(initial);
  const [line, setLine] = useState<Line>('live');
  const { id } = initial;
  const ended = progress.outcome !== null;

  useEffect(() => {
    if (ended) {
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
  }, [id, ended]);

  return { progress, line };
}
