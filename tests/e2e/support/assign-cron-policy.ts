import { system } from '#core/access/actor.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { db } from '#lib/db.ts';

/* Puts fleet-api under a cron policy: every hour, read in Berlin's time, one minute of overlap. */

const actor = system('spec');
const { id: policyId } = await createPolicy(actor, {
  name: 'hourly (spec)',
  rhythm: { cron: '0 * * * *', timeZone: 'Europe/Berlin' },
  graceSeconds: 60,
});
const { id: credentialId } = await db().prisma.credential.findFirstOrThrow({ where: { name: 'fleet-api' } });
await assignPolicy(actor, { credentialId, policyId });
await db().close();
