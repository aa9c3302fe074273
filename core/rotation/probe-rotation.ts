import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { openIssuer, openTarget } from '#core/outside/open-connector.ts';
import { inspect } from '#core/rotation/inspect.ts';
import { notFound } from '#lib/problem.ts';

/**
 * What a rotation asked for now would find before it changes anything: whether the issuer answers and permits and has a
 * free slot, and whether each target can be written. Asks the outside; changes nothing.
 */
export const probeRotation = read(
  {
    name: 'probe-rotation',
    may: ['operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ db }, { credentialId }) => {
    const credential = await db.prisma.credential.findFirst({
      where: { id: credentialId, archivedAt: null },
      include: {
        issuer: true,
        bindings: { where: { archivedAt: null }, include: { target: true } },
        versions: { where: { state: 'current' } },
      },
    });
    if (credential === null) {
      throw notFound('credential');
    }
    const found = await inspect({
      credential: credential.name,
      issuer: openIssuer(credential.issuer, { ...credential, table: 'credentials' }),
      bindings: credential.bindings.map((binding) => ({
        required: binding.required,
        target: openTarget(binding.target, { ...binding, table: 'bindings' }),
      })),
      inUse: credential.versions[0]?.externalId ?? null,
      cleared: { externalIds: [], tag: null },
    });
    return found.map((one) => ({
      subject: one.subject,
      required: one.required,
      ok: one.ok,
      /** What is missing, as a sentence; null when nothing is. */
      message: one.ok ? null : one.error.message,
    }));
  },
);
