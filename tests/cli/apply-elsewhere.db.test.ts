import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { system } from '#core/access/actor.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { archiveIssuer } from '#core/issuers/archive-issuer.ts';
import { archiveTarget } from '#core/targets/archive-target.ts';
import { db } from '#lib/db.ts';
import { type AsCode, startAsCode } from '#tests/support/as-code.ts';

/* A file of rekey apply --from-server, applied where nothing of it is there. */

// Each command is a process that loads everything anew: several in a test take long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const actor = system('test');
let world: AsCode;

beforeAll(async () => {
  world = await startAsCode();
});
afterAll(() => world?.close());

const inUse = { where: { archivedAt: null } };

/** Takes away all that there is, policies with their names, so that the installation is as empty as another one. */
async function empty(): Promise<void> {
  const { prisma } = db();
  for (const { id, name } of await prisma.credential.findMany(inUse))
    await archiveCredential(actor, { credentialId: id, name });
  for (const { id } of await prisma.target.findMany(inUse)) await archiveTarget(actor, { targetId: id });
  for (const { id } of await prisma.issuer.findMany(inUse)) await archiveIssuer(actor, { issuerId: id });
  await prisma.policyAssignment.deleteMany();
  await prisma.policy.deleteMany();
}

test('a file that is written from an installation makes another one like it, once its variables are set', async () => {
  const pulled = 'fields: { clientSecret: SCOUT_CLIENT_SECRET }';
  const text = world
    .documented()
    .replace(pulled, 'fields: { clientSecret: SCOUT_CLIENT_SECRET, versionId: SCOUT_VERSION }');
  expect((await world.apply(text, ['--yes'])).code).toBe(0);
  const { said: written } = await world.fromServer();
  expect(written).toContain(
    '      clientId: fleet-api\n      clientSecret:\n        env: FLEET_API_CLIENT_SECRET\n',
  );
  expect(written).not.toContain('FLEET_API_VERSION');
  await empty();
  fs.writeFileSync(path.join(world.folder, '.env'), '');
  const secret = world.secrets[1] ?? '';
  const { code, complained } = await world.apply(written, ['--yes'], {
    SURFACE_SCOUT_ADMIN_TOKEN: world.adminToken,
    FLEET_API_CLIENT_SECRET: secret,
  });
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  const env = fs.readFileSync(path.join(world.folder, '.env'), 'utf8');
  expect(env).toContain('SCOUT_CLIENT_ID=fleet-api\n');
  expect(env).toContain(`SCOUT_CLIENT_SECRET=${secret}\n`);
  expect((await world.fromServer()).said).toBe(written);
});
