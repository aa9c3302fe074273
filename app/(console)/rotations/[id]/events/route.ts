import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { reply, signedOut } from '#app/_doors/reply.ts';
import { type RotationSource, rotationFrames } from '#app/_doors/rotation-frames.ts';
import { progressOf } from '#app/_doors/rotation-progress.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { log } from '#lib/log.ts';
import { watchRotation } from '#lib/signals.ts';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  // `no-transform`: compression would hold frames back until its buffer is full.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

function toStream(frames: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let watched = true;
  return new ReadableStream({
    pull: async (controller) => {
      const frame = await frames.next().catch((error: unknown) => {
        // The browser asks again and names what it has seen.
        log.error({ err: error }, 'a progress stream failed');
        return { done: true, value: undefined };
      });
      if (watched && frame.value !== undefined) {
        controller.enqueue(encoder.encode(frame.value));
      } else if (watched) {
        controller.close();
      }
    },
    cancel: async () => {
      watched = false;
      await frames.return(undefined);
    },
  });
}

/** The progress of a rotation as server-sent events, for who is signed in. */
export async function GET(request: NextRequest, context: RouteContext<'/rotations/[id]/events'>) {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  const { id: rotationId } = await context.params;
  const source: RotationSource = {
    read: async () => progressOf(await readRotation(actor, { rotationId })),
    watch: (watcher) => watchRotation(rotationId, watcher),
  };
  const found = await reply(source.read);
  if (!found.ok) {
    return found;
  }
  const known = request.headers.get('last-event-id');
  return new Response(toStream(rotationFrames(source, known, request.signal)), { headers });
}
