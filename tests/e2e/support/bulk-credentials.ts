import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';

/* Seven credentials in production, each with an env file of its own, and a policy. Nothing outside is asked for them. */

const actor = system('spec');
const [folder = ''] = process.argv.slice(2);
fs.mkdirSync(folder);
const { id: issuerId } = await addIssuer(actor, { name: 'Values (bulk)', kind: 'random', config: {} });
const { id: targetId } = await addTarget(actor, { name: 'Env files (bulk)', kind: 'dotenv', config: {} });
for (let n = 1; n <= 7; n += 1) {
  const secret = randomBytes(32).toString('base64url');
  const { id: credentialId } = await importCredential(actor, {
    name: `bulk-${n}`,
    issuerId,
    place: {},
    environment: 'production',
    owner: 'Bulk team',
    fields: { secret },
  });
  const file = path.join(folder, `bulk-${n}.env`);
  fs.writeFileSync(file, `VALUE=${secret}\n`);
  await bindTarget(actor, { credentialId, targetId, place: { path: file }, fields: { secret: 'VALUE' } });
}
await createPolicy(actor, {
  name: 'Quarterly (bulk)',
  rhythm: { intervalSeconds: 90 * 86_400 },
  graceSeconds: 60,
});
await db().close();
