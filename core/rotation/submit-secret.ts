import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Fields } from '#connectors/contract.ts';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { commitStep, FenceLost, seize } from '#core/rotation/commit-step.ts';
import { describe } from '#core/rotation/describe.ts';
import { type LoadedRotation, loadRotation, openVersion } from '#core/rotation/load-rotation.ts';
import { newVersion } from '#core/rotation/new-version.ts';
import { databaseTime } from '#lib/clock.ts';
import { newId } from '#lib/new-id.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { notFound, Problem } from '#lib/problem.ts';
import { ring } from '#lib/queue.ts';

const input = z.object({
  rotationId: z.uuid(),
  secret: z
    .string()
    .trim()
    .min(1, 'Paste the new secret first.')
    .max(65_536)
    .transform((value) => new Plaintext(value)),
});

const notWaiting = () =>
  new Problem(
    409,
    'not_waiting',
    'This rotation does not wait for a secret any more. Reload the page to see where it stands.',
  );

function requireNew(loaded: LoadedRotation, pasted: Plaintext): Fields {
  const { secretField } = loaded.issuer.connector;
  const { from } = loaded.situation;
  const current = from === null ? {} : openVersion(from);
  if (current[secretField]?.equals(pasted) === true) {
    throw new Problem(
      422,
      'same_secret',
      'This is the secret that is already in use. Rotate on the vendor’s page first, then paste the new one.',
    );
  }
  return { ...current, [secretField]: pasted };
}

/**
 * Signs in with the pasted secret. A refusal is tried again until the issuer's propagation time has passed, in few
 * enough tries to stay below the issuer's lock-out.
 */
async function requireAccepted({ issuer }: LoadedRotation, fields: Fields): Promise<void> {
  const { failedSignIns, propagationSeconds } = issuer.can;
  const tries = propagationSeconds === 0 || failedSignIns === 'none' ? 1 : Math.max(2, failedSignIns);
  for (let n = 1; n <= tries; n += 1) {
    const verdict = await asProblem('Nothing was stored; paste it again when this is mended.', () =>
      issuer.ask(null, (connector, call) => connector.verify(call, fields)),
    );
    if (verdict === 'accepted') {
      return;
    }
    if (n < tries) {
      await sleep((propagationSeconds * 1000) / (tries - 1));
    }
  }
  throw new Problem(
    422,
    'secret_refused',
    `${issuer.name} refuses this secret, also after its ${propagationSeconds} s of propagation. Copy it again from the vendor’s page and paste it once more; nothing was stored.`,
  );
}

/** Takes the secret that a person pasted for an assisted rotation. It is sealed only once the issuer accepts it. */
export const submitSecret = useCase(
  { name: 'submit-secret', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { rotationId, secret }) => {
    if ((await db.prisma.rotation.findUnique({ where: { id: rotationId } })) === null) {
      throw notFound('rotation');
    }
    const loaded = await loadRotation(rotationId);
    const { situation } = loaded;
    if (situation.phase !== 'await_secret') {
      throw notWaiting();
    }
    const fields = requireNew(loaded, secret);
    await requireAccepted(loaded, fields);
    const claim = await seize(rotationId, 'await_secret');
    if (claim === null) {
      throw notWaiting();
    }
    const version = newVersion(loaded, newId(), { fields });
    const now = await databaseTime();
    const { actor: _worker, ...about } = describe(situation);
    try {
      await commitStep(claim, 'await_secret', {
        patch: {
          versions: [version.row],
          rotation: {
            phase: 'promote',
            hold: null,
            hold_detail: null,
            to_version: version.row.id,
            // The vendor replaced the old secret at the latest now; the worker may have seen it earlier.
            gap_started_at: (await loadRotation(rotationId)).situation.gapStartedAt ?? now,
            next_attempt_at: now,
            lease_until: null,
          },
        },
        events: [{ action: 'secret.issued', actor: auditActor(actor), ...about, ...version.named }],
      });
    } catch (error) {
      throw error instanceof FenceLost ? notWaiting() : error;
    }
    await ring(claim).catch(() => {});
    return { version: version.row.n };
  },
);
