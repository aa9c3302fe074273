import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { actOnRotation } from '#core/rotation/act-on-rotation.ts';
import { deliveryCounts, incoming, type Situation } from '#core/rotation/situation.ts';
import type { Phase } from '#core/rotation/strategies.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({
  rotationId: z.uuid(),
  /** The one binding that is delivered to again; all of them without it. */
  bindingId: z.uuid().optional(),
});

/** What was accepted and is not kept has to be delivered again before it can be confirmed. */
const deliversAgain: Partial<Record<Phase, Phase>> = {
  confirm_next: 'deliver_next',
  redeploy: 'deliver',
  confirm: 'deliver',
};

/** The deliveries to the other bindings, stored once more, so that they still count from now on. */
function others(situation: Situation, bindingId: string) {
  return situation.deliveries
    .filter((one) => one.versionId === incoming(situation)?.id && one.bindingId !== bindingId)
    .filter((one) => deliveryCounts(situation, one))
    .map(({ versionId, bindingId: id, slot, level }) => ({
      version_id: versionId,
      binding_id: id,
      slot,
      level,
    }));
}

function targetOf({ bindings }: Situation, bindingId: string): string {
  const binding = bindings.find(({ id }) => id === bindingId);
  if (binding === undefined) {
    throw notFound('binding');
  }
  return binding.targetName;
}

/**
 * Delivers again now, without waiting, and with the attempts counted anew: to one binding, whatever it has reached, or
 * to all. Where a target is waited for that accepted the secret it is given it once more, which is harmless; what the
 * other bindings have reached stays, where one is named.
 */
export const retryRotation = useCase(
  { name: 'retry-rotation', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor }, { rotationId, bindingId }) =>
    actOnRotation({ actor, rotationId, action: 'retry' }, ({ situation }, about) => {
      const { now } = situation;
      const phase = deliversAgain[situation.phase] ?? situation.phase;
      const isAnew = bindingId !== undefined || phase !== situation.phase;
      const again = isAnew ? { phase, direction_at: now } : {};
      const named = bindingId === undefined ? {} : { target: targetOf(situation, bindingId) };
      return {
        patch: {
          rotation: { hold: null, hold_detail: null, phase_at: now, ...again },
          ...(bindingId === undefined ? {} : { deliveries: others(situation, bindingId) }),
        },
        events: [{ action: 'rotation.resumed', ...about, ...named }],
      };
    }),
);
