import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Fields } from '#connectors/contract.ts';
import { auditActor } from '#core/access/actor.ts';
import type { Allowance } from '#core/access/request-limit.ts';
import { useCase } from '#core/access/use-case.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { forgetTries, giveTryBack, takeTry } from '#core/outside/sign-in-tries.ts';
import { commitStep, FenceLost, seize } from '#core/rotation/commit-step.ts';
import { describe } from '#core/rotation/describe.ts';
import { type LoadedRotation, loadRotation, openVersion } from '#core/rotation/load-rotation.ts';
import { newVersion } from '#core/rotation/new-version.ts';
import { secondsToPropagate } from '#core/rotation/perform/verify.ts';
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

/** Whether the issuer accepts it. One that does not answer has refused nothing. */
async function isAccepted({ issuer, situation }: LoadedRotation, fields: Fields): Promise<boolean> {
  const { credentialId } = situation;
  try {
    const verdict = await asProblem('Nothing was stored; paste it again when this is mended.', () =>
      issuer.ask(null, (connector, call) => connector.verify(call, fields)),
    );
    if (verdict === 'accepted') {
      await forgetTries(credentialId);
    }
    return verdict === 'accepted';
  } catch (error) {
    await giveTryBack(credentialId, issuer.can);
    throw error;
  }
}

const inMinutes = ({ seconds }: Allowance) => `in ${Math.ceil(seconds / 60)} min`;

function triedTooOften({ issuer }: LoadedRotation, allowance: Allowance): Problem {
  const sentence = `${issuer.name} has refused so many secrets of this client that another one could lock it, so this one was not tried. Nothing was stored.`;
  const next = `Make sure that it is the whole new secret of this client, and paste it ${inMinutes(allowance)}.`;
  return new Problem(429, 'too_many_tries', `${sentence} ${next}`, { retryAfter: String(allowance.seconds) });
}

/** A try before its refusal would be final has to leave one for that, and one for another paste. */
const LEFT_AFTER_EARLY = 2;

/**
 * Signs in with the pasted secret, once its refusal is final: when the issuer's propagation time has passed since the old secret
 * was refused first, or else since the paste. Before that it is tried only where many refusals are tolerated. All tries are
 * counted, so that neither this paste nor the next ones lock the account.
 */
async function requireAccepted(loaded: LoadedRotation, fields: Fields): Promise<void> {
  const { issuer, situation } = loaded;
  const { credentialId, gapStartedAt, now, can } = situation;
  let allowance = await takeTry(credentialId, can);
  if (allowance.left < 0) {
    throw triedTooOften(loaded, allowance);
  }
  const seconds = secondsToPropagate(situation, gapStartedAt ?? now, now);
  if (seconds > 0 && allowance.left >= LEFT_AFTER_EARLY) {
    if (await isAccepted(loaded, fields)) {
      return;
    }
    allowance = await takeTry(credentialId, can);
  }
  await sleep(seconds * 1000);
  if (await isAccepted(loaded, fields)) {
    return;
  }
  const refused = `${issuer.name} refuses this secret, also after its ${can.propagationSeconds} s of propagation.`;
  const when = allowance.left > 0 ? 'once more' : `${inMinutes(allowance)}, so that the client is not locked`;
  const next = `Copy it again from the vendor’s page and paste it ${when}; nothing was stored.`;
  throw new Problem(422, 'secret_refused', `${refused} ${next}`);
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
