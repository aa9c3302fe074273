import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { DEFAULT_GRACE_SECONDS, graceSeconds } from '#core/rotation/grace.ts';
import { makePlan } from '#core/rotation/plan.ts';

/** What a rotation asked for now would do: its strategy and why, its steps and targets, and its gap. */
export const planRotation = read(
  {
    name: 'plan-rotation',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ credentialId: z.uuid(), graceSeconds: graceSeconds.default(DEFAULT_GRACE_SECONDS) }),
  },
  async ({ actor, db }, wish) => makePlan(db, { ...wish, requester: actor.name }),
);
