import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { system } from '#core/access/actor.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';

/*
 * A credential in staging with an env file and a policy, of an issuer of its own, and one that an API client fetches. Nothing
 * outside is asked for them.
 */

const actor = system('spec');
const [folder = ''] = process.argv.slice(2);
fs.mkdirSync(folder);
const { id: issuerId } = await addIssuer(actor, { name: 'Values (managed)', kind: 'random', config: {} });
const { id: targetId } = await addTarget(actor, { name: 'Env files (managed)', kind: 'dotenv', config: {} });
const secret = randomBytes(32).toString('base64url');
const { id: credentialId } = await importCredential(actor, {
  name: 'kiosk',
  issuerId,
  place: {},
  environment: 'staging',
  fields: { secret },
});
const file = path.join(folder, 'kiosk.env');
fs.writeFileSync(file, 'VALUE=\n');
await bindTarget(actor, { credentialId, targetId, place: { path: file }, fields: { secret: 'VALUE' } });
const rhythm = { intervalSeconds: 90 * 86_400 };
const { id: policyId } = await createPolicy(actor, { name: 'Quarterly (managed)', rhythm, graceSeconds: 60 });
await assignPolicy(actor, { credentialId, policyId });
const fetched = await importCredential(actor, {
  name: 'price-tags',
  issuerId,
  place: {},
  environment: 'staging',
  fields: { secret: randomBytes(32).toString('base64url') },
});
const { id: pullId } = await addTarget(actor, { name: 'Fetched (managed)', kind: 'pull', config: {} });
const { id: bindingId } = await bindTarget(actor, {
  credentialId: fetched.id,
  targetId: pullId,
  place: { application: 'price-tags' },
  fields: { secret: 'VALUE' },
});
const createdBy = { kind: 'system', id: null, name: 'spec' };
const client = await db().prisma.apiClient.create({ data: { name: 'shelf', role: 'viewer', createdBy } });
await allowConsumer(actor, { bindingId, clientId: client.id });
await db().close();
