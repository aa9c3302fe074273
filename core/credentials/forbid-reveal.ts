import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { setReveal } from '#core/credentials/set-reveal.ts';

/** From now on no value of a credential is shown to anybody. */
export const forbidReveal = useCase(
  {
    name: 'forbid-reveal',
    may: ['admin'],
    stepUp: false,
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ actor, db }, { credentialId }) => setReveal(db, actor, credentialId, false),
);
