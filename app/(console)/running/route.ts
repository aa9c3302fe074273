import { findActor } from '#app/_doors/current-actor.ts';
import { reply, signedOut } from '#app/_doors/reply.ts';
import { listRunning } from '#core/rotation/list-running.ts';

/** What runs now, and whether a worker is alive, for the frame of the console. */
export async function GET(): Promise<Response> {
  const actor = await findActor();
  return actor === null ? signedOut() : reply(() => listRunning(actor, {}));
}
