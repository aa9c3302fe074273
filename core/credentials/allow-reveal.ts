import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { setReveal } from '#core/credentials/set-reveal.ts';

/** Lets people have the current value of a credential shown, each version once. Off for every credential until an admin says so. */
export const allowReveal = useCase(
  {
    name: 'allow-reveal',
    may: ['admin'],
    stepUp: true,
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ actor, db }, { credentialId }) => setReveal(db, actor, credentialId, true),
);
