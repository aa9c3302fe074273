import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { eventStream } from '#app/_doors/event-stream.ts';
import { reply, signedOut } from '#app/_doors/reply.ts';
import { type RotationSource, rotationFrames } from '#app/_doors/rotation-frames.ts';
import { progressOf } from '#app/_doors/rotation-progress.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { watchRotation } from '#lib/signals.ts';

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
  return eventStream(rotationFrames(source, known, request.signal));
}
