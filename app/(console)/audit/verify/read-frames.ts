'use client';

import type { Refusal } from '#app/_doors/reply.ts';
import type { Frame } from '#app/(console)/audit/verify/frames.ts';

/** Asks for a verification and calls `show` with every line of the answer, the last one being a result or a problem. */
export async function readFrames(show: (frame: Frame) => void): Promise<void> {
  const answer = await fetch('/audit/verify', { method: 'POST' });
  if (!answer.ok || answer.body === null) {
    show({ problem: ((await answer.json()) as Refusal).message });
    return;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) show(JSON.parse(line) as Frame);
  }
}
