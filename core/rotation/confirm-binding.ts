import { z } from 'zod';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { reaches } from '#core/outside/levels.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { isBindingPhase, pendingBindings } from '#core/rotation/pending.ts';
import { nameOf } from '#core/rotation/perform/effect.ts';
import { incoming, type Situation } from '#core/rotation/situation.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({ rotationId: z.uuid(), bindingId: z.uuid(), reason });

function findPending({ phase, ...rest }: Situation, bindingId: string) {
  const pending = isBindingPhase(phase) ? pendingBindings({ ...rest, phase }, phase) : [];
  const binding = pending.find(({ id }) => id === bindingId);
  const version = incoming({ ...rest, phase });
  if (binding === undefined || version === null) {
    throw new Problem(409, 'not_now', 'This target is not waited for now. Nothing was changed.');
  }
  return { binding, version };
}

/** A person vouches that a target has the secret, with a reason. The target is not asked; the audit says so. */
export const confirmBinding = useCase(
  { name: 'confirm-binding', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor }, { rotationId, bindingId, reason }) =>
    actOnRotation({ actor, rotationId, action: 'confirm' }, ({ situation }, about) => {
      const { binding, version } = findPending(situation, bindingId);
      const slot = situation.phase.endsWith('_next') ? ('next' as const) : ('primary' as const);
      const isRedeployed = situation.phase === 'redeploy' && !reaches(binding.needs, 'redeployed');
      const level = isRedeployed ? 'redeployed' : binding.needs;
      const named = { ...nameOf(version), target: binding.targetName, slot, level };
      const delivery = { version_id: version.id, binding_id: bindingId, slot, level };
      return {
        patch: {
          rotation: { hold: null, hold_detail: null, phase_at: situation.now },
          deliveries: [{ ...delivery, confirmed_at: situation.now }],
        },
        events: [{ action: 'secret.confirmed', ...about, ...named, byHand: true, reason }],
      };
    }),
);
