import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { endBinding } from '#core/credentials/end-binding.ts';
import { lockBinding } from '#core/credentials/lock-binding.ts';

const input = z.object({ bindingId: z.uuid() });

/**
 * Unbinds a credential from a target for good: rotations neither deliver there nor wait for it any more, and whoever fetched from it
 * is refused. What was delivered stays there. Refused while a rotation of the credential is open.
 */
export const archiveBinding = useCase(
  { name: 'archive-binding', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { bindingId }) =>
    db.prisma.$transaction(async (tx) => {
      const binding = await lockBinding(tx, bindingId);
      await endBinding(tx, auditActor(actor), binding);
    }),
);
