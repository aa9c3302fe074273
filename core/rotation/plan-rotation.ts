import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { blastRadius } from '#core/rotation/blast-radius.ts';
import { graceAfterUseSeconds, graceSeconds } from '#core/rotation/grace.ts';
import { makePlan } from '#core/rotation/plan.ts';

/** What a rotation asked for now would do: its strategy and why, its steps, its gap, and whom it reaches. */
export const planRotation = read(
  {
    name: 'plan-rotation',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({
      credentialId: z.uuid(),
      graceSeconds: graceSeconds.optional(),
      graceAfterUseSeconds: graceAfterUseSeconds.nullable().optional(),
    }),
  },
  async ({ actor, db }, wish) => {
    const plan = await makePlan(db.pool, { ...wish, requester: actor.name });
    return { ...plan, radius: await blastRadius(db, plan) };
  },
);

export type PlannedRotation = Awaited<ReturnType<typeof planRotation>>;
