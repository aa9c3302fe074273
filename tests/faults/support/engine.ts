import { system } from '#core/access/actor.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';

/** Who asks for rotations here, and turns them back. */
export const actor = system('fault suite');

export async function rollBack(rotationId: string): Promise<void> {
  await rollBackRotation(actor, { rotationId });
}
